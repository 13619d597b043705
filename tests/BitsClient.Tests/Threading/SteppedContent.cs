using System.Net;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A body that is sent or received step by step.</summary>
internal sealed class SteppedContent : HttpContent
{
    private readonly AsyncSteps _steps;
    private readonly HttpContent _inner;
    private readonly byte[]? _body;

    public SteppedContent(AsyncSteps steps, HttpContent inner, byte[]? body)
    {
        (_steps, _inner, _body) = (steps, inner, body);
        foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

#if NET
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyToAsync(new SteppedStream(_steps) { Copy = stream }, context, cancellationToken);
#else
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _inner.CopyToAsync(new SteppedStream(_steps) { Copy = stream }, context);
#endif

    protected override async Task<Stream> CreateContentReadStreamAsync()
    {
        await _steps.PassAsync().ConfigureAwait(false);
        return new SteppedStream(_steps, _body!);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength!.Value;
        return true;
    }
}
