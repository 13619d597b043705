using System.Net;

namespace BitsClient.Tests.Support;

/// <summary>A body that calls back before and after each of its pieces.</summary>
internal sealed class WatchedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Action _writing;
    private readonly Action _written;

    public WatchedContent(HttpContent inner, Action writing, Action written)
    {
        (_inner, _writing, _written) = (inner, writing, written);
        foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

#if NET
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyToAsync(new WatchedStream(stream, _writing, _written), context, cancellationToken);
#else
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _inner.CopyToAsync(new WatchedStream(stream, _writing, _written), context);
#endif

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength!.Value;
        return true;
    }

    private sealed class WatchedStream(Stream inner, Action writing, Action written) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            writing();
            await inner.WriteAsync(buffer, cancellationToken);
            written();
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => inner.Flush();
    }
}
