using System.Buffers;
using System.Security.Cryptography;
using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>
/// The SHA-256 of a source from its first byte on, taken from what is read to be sent. Every byte counts once, also where the upload goes back. Thread-safe.
/// </summary>
/// <param name="source">What is read.</param>
/// <param name="known">A picture of the source that has a hash of its own, to be compared with before a byte is sent; null for none.</param>
internal sealed class SourceHash(BitsUploadSource source, BitsSourceFingerprint? known = null) : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly object _gate = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private bool _isSame = known?.PrefixSha256 is null;
    private bool _disposed;
    private (long Length, string Sha256) _last;

    /// <summary>How many bytes, from the first on, are in the hash so far, and the hash of them in lower-case hexadecimal.</summary>
    public (long Length, string Sha256) Current
    {
        get
        {
            lock (_gate)
            {
                return _disposed ? _last : (_length, Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant());
            }
        }
    }

    /// <summary>The hash of the whole source; null while some of it was not read, or was not compared.</summary>
    public string? Whole => _isSame && Current is var (length, sha256) && length == source.Length ? sha256 : null;

    /// <summary>The picture of the source to be saved: with the hash as it is now, or, until it was compared, as it was known.</summary>
    public BitsSourceFingerprint Added(BitsSourceFingerprint to)
    {
        lock (_gate)
        {
            (long length, string sha256) = Current;
            return _isSame ? to with { PrefixLength = length, PrefixSha256 = sha256 } : to;
        }
    }

    /// <summary>Reads the bytes of which a hash is known, and looks whether they are the same.</summary>
    /// <exception cref="BitsSourceChangedException">They are others, and no picture of them is ever saved; or the source ends before.</exception>
    public async Task CompareAsync(CancellationToken cancellationToken)
    {
        if (_isSame)
        {
            return;
        }

        await ReadToAsync(known!.PrefixLength, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _isSame = Current == (known.PrefixLength, known.PrefixSha256!);
        }

        if (!_isSame)
        {
            throw Failure.OfChangedSource(
                "The source is not the one whose upload is to be resumed: bytes that were sent already are others now. Cancel the session, and upload it anew.");
        }
    }

    /// <summary>These bytes were read. What is in the hash already does not count again; what leaves a gap has to be read later.</summary>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_disposed && offset <= _length && offset + bytes.Length > _length)
            {
                ReadOnlySpan<byte> news = bytes[(int)(_length - offset)..];
                _hash.AppendData(news);
                _length += news.Length;
            }
        }
    }

    /// <summary>Reads what is missing up to a length.</summary>
    /// <exception cref="BitsSourceChangedException">The source ends before.</exception>
    public async Task ReadToAsync(long length, CancellationToken cancellationToken)
    {
        if (Missing(length) <= 0)
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        while (Missing(length) is > 0 and var missing)
        {
            long offset = length - missing;
            int read = await source.ReadAsync(offset, buffer.AsMemory(0, (int)Math.Min(missing, BufferSize)), cancellationToken)
                .AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw Failure.OfChangedSource($"The source ends at byte {offset} now; it had {source.Length} bytes when the upload began.");
            }

            Append(offset, buffer.AsSpan(0, read));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _last = Current;
            _disposed = true;
            _hash.Dispose();
        }
    }

    private long Missing(long length)
    {
        lock (_gate)
        {
            return length - _length;
        }
    }
}
