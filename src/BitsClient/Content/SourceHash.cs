using System.Buffers;
using System.Security.Cryptography;

namespace BitsClient.Content;

/// <summary>
/// The SHA-256 of a source from its first byte on, taken from what is read to be sent. Every byte counts once, also where the upload goes back. Thread-safe.
/// </summary>
internal sealed class SourceHash(BitsUploadSource source) : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly object _gate = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    /// <summary>How many bytes, from the first on, are in the hash so far, and the hash of them in lower-case hexadecimal.</summary>
    public (long Length, string Sha256) Current
    {
        get
        {
            lock (_gate)
            {
                return (_length, Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant());
            }
        }
    }

    /// <summary>The hash of the whole source; null while some of it was not read.</summary>
    public string? Whole => Current is var (length, sha256) && length == source.Length ? sha256 : null;

    /// <summary>These bytes were read. What is in the hash already does not count again; what leaves a gap has to be read later.</summary>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (offset <= _length && offset + bytes.Length > _length)
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
            int read = await source.ReadAsync(offset, buffer.AsMemory(0, (int)Math.Min(missing, BufferSize)), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new BitsSourceChangedException($"The source ends at byte {offset} now; it had {source.Length} bytes when the upload began.");
            }

            Append(offset, buffer.AsSpan(0, read));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose() => _hash.Dispose();

    private long Missing(long length)
    {
        lock (_gate)
        {
            return length - _length;
        }
    }
}
