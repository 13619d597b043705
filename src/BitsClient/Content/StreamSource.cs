using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>A seekable stream to upload, from its current position to its end.</summary>
internal sealed class StreamSource : BitsUploadSource
{
    private readonly Stream _stream;
    private readonly long _start;
    private readonly bool _leaveOpen;

    // A stream has one position: a read that was abandoned must end before the next read changes the position.
    private readonly SemaphoreSlim _turn = new(1);

    private StreamSource(Stream stream, string? name, bool leaveOpen)
        : base(Math.Max(0, stream.Length - stream.Position), name, "The stream has no bytes left.", nameof(stream))
    {
        _stream = stream;
        _start = stream.Position;
        _leaveOpen = leaveOpen;
    }

    public static StreamSource Open(Stream stream, string? name, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException("The stream cannot be read.", nameof(stream));
        }

        if (!stream.CanSeek)
        {
            throw new ArgumentException(
                "The stream cannot seek, but an upload must be able to read bytes again; copy it to a temporary file, and upload the file.",
                nameof(stream));
        }

        return new StreamSource(stream, name, leaveOpen);
    }

    internal override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _stream.Position = _start + offset;
            return await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    internal override void ThrowIfChanged()
    {
        long length = Math.Max(0, _stream.Length - _start);
        if (length != Length)
        {
            throw Failure.OfChangedSource($"The stream has {length} bytes now; it had {Length} when the upload began.");
        }
    }

    private protected override void Release()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }
}
