namespace BitsClient.Content;

internal sealed class StreamReplyTarget : BitsReplyTarget
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _start;

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

    internal override async ValueTask CompleteAsync() => await _stream.FlushAsync().ConfigureAwait(false);

    // A write is not broken off: nobody could tell how much of it was done.
    private protected override async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await _stream.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);

    private protected override void Truncate()
    {
        if (!_stream.CanSeek)
        {
            throw new NotSupportedException("The reply has to begin anew, and the stream it is written to cannot seek.");
        }

        _stream.SetLength(_start);
        _stream.Position = _start;
    }

    private protected override void Release()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }
}
