namespace BitsClient.Content;

/// <summary>
/// A stream cannot break a write off so that anybody knew how much of it was done. One that takes too long is given up: it goes on by itself, and
/// whatever comes next waits for its end.
/// </summary>
internal sealed class StreamReplyTarget : BitsReplyTarget
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _start;
    private Task _last = Task.CompletedTask;
    private bool _isTorn;
    private bool _rewindDue;

    private StreamReplyTarget(Stream stream, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _start = stream.CanSeek ? stream.Position : 0;
    }

    internal override bool IsTorn => _isTorn;

    public static StreamReplyTarget At(Stream stream, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanWrite ? new StreamReplyTarget(stream, leaveOpen) : throw new ArgumentException("The stream cannot be written.", nameof(stream));
    }

    internal override ValueTask CompleteAsync(CancellationToken cancellationToken) => RunAsync(() => _stream.FlushAsync(CancellationToken.None), cancellationToken);

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        RunAsync(() => _stream.WriteAsync(bytes, CancellationToken.None).AsTask(), cancellationToken);

    private protected override void Truncate()
    {
        if (!_stream.CanSeek)
        {
            throw new NotSupportedException("The reply has to begin anew, and the stream it is written to cannot seek.");
        }

        (_isTorn, _rewindDue) = (false, true);
    }

    private protected override void Release()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    private async ValueTask RunAsync(Func<Task> operation, CancellationToken cancellationToken)
    {
        await _last.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (_rewindDue)
        {
            _stream.SetLength(_start);
            _stream.Position = _start;
            _rewindDue = false;
        }

        _isTorn = true;
        _last = operation();
        await _last.WaitAsync(cancellationToken).ConfigureAwait(false);
        _isTorn = false;
    }
}
