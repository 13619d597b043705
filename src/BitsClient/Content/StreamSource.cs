using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>A seekable stream to upload, from its current position to its end.</summary>
internal sealed class StreamSource : BitsUploadSource
{
    private readonly Stream _stream;
    private readonly long _start;
    private readonly bool _leaveOpen;

    // Any other stream may block the thread that reads it.
    private readonly bool _isInMemory;

    // A stream has one position: a read that was abandoned must end before the next read changes the position.
    private readonly SemaphoreSlim _turn = new(1);

    private StreamSource(Stream stream, string? name, bool leaveOpen)
        : base(Math.Max(0, stream.Length - stream.Position), name, "The stream has no bytes left.", nameof(stream))
    {
        _stream = stream;
        _start = stream.Position;
        _leaveOpen = leaveOpen;
        _isInMemory = stream.GetType() == typeof(MemoryStream);
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
                "The stream cannot seek, but an upload must be able to read bytes again; "
                + $"use {nameof(BitsUploadSource)}.{nameof(SpoolAsync)}, which copies it to a temporary file.",
                nameof(stream));
        }

        return new StreamSource(stream, name, leaveOpen);
    }

    internal override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _isInMemory
                ? await ReadNowAsync(offset, buffer, cancellationToken).ConfigureAwait(false)
                : await Task.Run(() => ReadNowAsync(offset, buffer, cancellationToken).AsTask(), CancellationToken.None)
                    .ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private ValueTask<int> ReadNowAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _stream.Position = _start + offset;
        return _stream.ReadAsync(buffer, cancellationToken);
    }

    internal override void ThrowIfChanged()
    {
        long length = Math.Max(0, _stream.Length - _start);
        if (length != Length)
        {
            throw Failure.OfChangedSource($"The stream has {length} bytes now; it had {Length} when the upload began.");
        }
    }

    internal override bool IsForeign => !_leaveOpen;

    private protected override void Release()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }
}
