namespace BitsClient.Testing.Exchanges;

/// <summary>Receives a request body in chunks: counts the bytes, runs the actions that are due, and passes the bytes on.</summary>
internal sealed class BodySink(Exchange exchange, ServerRequest request, IEnumerable<BodyStop> stops, Action<ReadOnlyMemory<byte>> take)
    : Stream
{
    private readonly Queue<BodyStop> _stops = new(stops.OrderBy(stop => stop.AfterBytes));
    private bool _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Throws if the body is shorter than its Content-Length, as a socket handler does.</summary>
    public void CheckComplete()
    {
        if (exchange.BodyBytes < request.ContentLength)
        {
            throw new HttpRequestException("The body is shorter than its Content-Length.");
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CancellationToken aborted = request.Aborted;
        if (exchange.BodyBytes + buffer.Length > request.ContentLength)
        {
            throw new HttpRequestException("The body is longer than its Content-Length.");
        }

        while (!buffer.IsEmpty)
        {
            await StopAsync(aborted).ConfigureAwait(false);
            aborted.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_closed, this);

            int length = _stops.TryPeek(out BodyStop next)
                ? (int)Math.Min(buffer.Length, next.AfterBytes - exchange.BodyBytes)
                : buffer.Length;
            exchange.CountBody(length);
            take(buffer[..length]);
            buffer = buffer[length..];
        }

        await StopAsync(aborted).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Use WriteAsync.");

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }

    private async Task StopAsync(CancellationToken aborted)
    {
        while (_stops.TryPeek(out BodyStop next) && next.AfterBytes == exchange.BodyBytes)
        {
            _stops.Dequeue();
            await next.RunAsync(aborted).ConfigureAwait(false);
        }
    }
}
