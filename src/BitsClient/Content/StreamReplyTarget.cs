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

    // How many bytes an operation carries that did not end well so far.
    private int? _unsettled;
    private bool _rewindDue;

    private StreamReplyTarget(Stream stream, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _start = stream.CanSeek ? stream.Position : 0;
    }

    public static StreamReplyTarget At(Stream stream, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanWrite ? new StreamReplyTarget(stream, leaveOpen) : throw new ArgumentException("The stream cannot be written.", nameof(stream));
    }

    internal override bool TrySettle()
    {
        if (_unsettled is { } length && _last.IsCompletedSuccessfully)
        {
            Length += length;
            _unsettled = null;
        }

        return _unsettled is null;
    }

    internal override ValueTask CompleteAsync(CancellationToken cancellationToken) => RunAsync(() => _stream.FlushAsync(CancellationToken.None), length: 0, cancellationToken);

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        RunAsync(() => _stream.WriteAsync(bytes, CancellationToken.None).AsTask(), bytes.Length, cancellationToken);

    private protected override void Truncate()
    {
        if (!_stream.CanSeek)
        {
            throw _last.IsCompleted
                ? new NotSupportedException("The reply has to begin anew, and the stream it is written to cannot seek.")
                : new TimeoutException("The last write to the stream has not ended yet.");
        }

        (_unsettled, _rewindDue) = (null, true);
    }

    private protected override void Release()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    private async ValueTask RunAsync(Func<Task> operation, int length, CancellationToken cancellationToken)
    {
        await _last.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (_rewindDue)
        {
            _stream.SetLength(_start);
            _stream.Position = _start;
            _rewindDue = false;
        }

        _unsettled = length;
        _last = StartAsync();
        await _last.WaitAsync(cancellationToken).ConfigureAwait(false);
        _unsettled = null;

        async Task StartAsync() => await operation().ConfigureAwait(false);
    }
}
