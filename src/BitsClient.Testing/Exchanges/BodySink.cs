namespace BitsClient.Testing.Exchanges;

/// <summary>Receives a request body in chunks: counts the bytes, runs the actions that are due, and passes the bytes on.</summary>
internal sealed class BodySink(Exchange exchange, ServerRequest request, IEnumerable<BodyStop> stops, Action<ReadOnlyMemory<byte>> take)
    : SequentialStream
{
    private readonly Queue<BodyStop> _stops = new(stops.OrderBy(stop => stop.AfterBytes));
    private bool _closed;

    public override bool CanWrite => true;

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
