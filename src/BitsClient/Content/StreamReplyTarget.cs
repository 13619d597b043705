namespace BitsClient.Content;

/// <summary>
/// Writes a reply to a stream. If the write of a stream is canceled, it is unknown how much was written. A write that takes too long is
/// therefore abandoned but not canceled, and the next operation waits for its end.
/// </summary>
internal sealed class StreamReplyTarget : BitsReplyTarget
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _start;
    private Task _last = Task.CompletedTask;

    // The length of the last operation, until it is known to have succeeded.
    private int? _pendingLength;
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
        return stream.CanWrite
            ? new StreamReplyTarget(stream, leaveOpen)
            : throw new ArgumentException("The stream is not writable.", nameof(stream));
    }

    internal override bool IsLengthKnown()
    {
        if (_pendingLength is { } length && _last.IsCompletedSuccessfully)
        {
            Length += length;
            _pendingLength = null;
        }

        return _pendingLength is null;
    }

    internal override ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        RunAsync(() => _stream.FlushAsync(CancellationToken.None), length: 0, cancellationToken);

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        RunAsync(() => _stream.WriteAsync(bytes, CancellationToken.None).AsTask(), bytes.Length, cancellationToken);

    private protected override void Truncate()
    {
        if (!_stream.CanSeek)
        {
            throw _last.IsCompleted
                ? new NotSupportedException("The reply has to be downloaded again, but the stream that it is written to cannot seek.")
                : new TimeoutException("The last write to the stream has not ended yet.");
        }

        (_pendingLength, _rewindDue) = (null, true);
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
        bool rewinds = _rewindDue;
        (_pendingLength, _rewindDue) = (length, false);
        _last = Task.Run(StartAsync, CancellationToken.None);
        await ForeignCode.AwaitAsync(_last, cancellationToken).ConfigureAwait(false);
        _pendingLength = null;

        async Task StartAsync()
        {
            if (rewinds)
            {
                _stream.SetLength(_start);
                _stream.Position = _start;
            }

            await operation().ConfigureAwait(false);
        }
    }
}
