using System.Net;

namespace BitsClient.Tests.Support;

/// <summary>
/// Counts the instants of an upload: before a packet goes out, before and after each piece of its body, and after its answer has come. Calls back at each.
/// </summary>
internal sealed class Instants(Action<int> reached) : DelegatingHandler
{
    private int _count;

    public int Count => _count;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Tick();
        if (request.Content is { } content)
        {
            request.Content = new WatchedContent(content, Tick);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        Tick();
        return response;
    }

    private void Tick() => reached(_count++);

    private sealed class WatchedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Action _tick;

        public WatchedContent(HttpContent inner, Action tick)
        {
            (_inner, _tick) = (inner, tick);
            foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _inner.CopyToAsync(new WatchedStream(stream, _tick), context, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength!.Value;
            return true;
        }
    }

    private sealed class WatchedStream(Stream inner, Action tick) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            tick();
            await inner.WriteAsync(buffer, cancellationToken);
            tick();
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
