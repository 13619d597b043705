namespace BitsClient.Testing.Exchanges;

/// <summary>The body of an answer, for one reader. Runs the actions that are due at positions within the body.</summary>
internal sealed class AnswerBody(ReadOnlyMemory<byte> bytes, IEnumerable<BodyStop> stops) : SequentialStream
{
    // An action after the last byte would have no effect.
    private readonly Queue<BodyStop> _stops = new(stops.Where(stop => stop.AfterBytes < bytes.Length).OrderBy(stop => stop.AfterBytes));
    private readonly CancellationTokenSource _closed = new();

    // Continuations run synchronously, before the reader continues: the dialogue must be up to date when the client has the body.
    private readonly TaskCompletionSource<Exception?> _ended = new();
    private int _position;

    /// <summary>Completes with null when the whole body is read, or with the exception that ended the reading early.</summary>
    public Task<Exception?> Ended => _ended.Task;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            using var aborted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
            await StopAsync(aborted.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _ended.TrySetResult(e);
            throw;
        }

        int most = (int)Math.Min(buffer.Length, (_stops.TryPeek(out BodyStop next) ? next.AfterBytes : bytes.Length) - _position);
        bytes.Slice(_position, most).CopyTo(buffer);
        _position += most;
        if (_position == bytes.Length)
        {
            _ended.TrySetResult(null);
        }

        return most;
    }

    protected override void Dispose(bool disposing)
    {
        _closed.Cancel();
        _ended.TrySetResult(new OperationCanceledException(_closed.Token));
        base.Dispose(disposing);
    }

    private async Task StopAsync(CancellationToken aborted)
    {
        while (_stops.TryPeek(out BodyStop next) && next.AfterBytes == _position)
        {
            _stops.Dequeue();
            await next.RunAsync(aborted).ConfigureAwait(false);
        }
    }
}
