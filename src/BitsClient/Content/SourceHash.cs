using System.Buffers;
using System.Security.Cryptography;
using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>
/// Computes the SHA-256 of a source from the bytes that are read to be sent. Each byte counts once, even if the upload sends it again.
/// Thread-safe.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="known">
/// A fingerprint from a checkpoint: if it has a hash, the source is compared with it before a byte is sent; null for none.
/// </param>
/// <param name="limit">How long one read that only the hash needs may take; null for no limit.</param>
/// <param name="time">The clock for the limit.</param>
internal sealed class SourceHash(
    BitsUploadSource source, BitsSourceFingerprint? known = null, TimeSpan? limit = null, TimeProvider? time = null) : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly object _gate = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private bool _isSame = known?.PrefixSha256 is null;
    private bool _disposed;
    private (long Length, string Sha256) _last;

    /// <summary>The number of bytes that the hash covers so far, from the first on, and their hash in lowercase hexadecimal.</summary>
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

    /// <summary>The hash of the whole source; null while some of it was not read or not compared.</summary>
    public string? Whole => _isSame && Current is var (length, sha256) && length == source.Length ? sha256 : null;

    /// <summary>The hash must cover all that was sent, whenever it is saved.</summary>
    public bool MustCoverSent => source.MayGrow;

    /// <summary>
    /// Adds the current hash to a fingerprint that is to be saved. Until the source was compared, the fingerprint keeps the hash that it
    /// has.
    /// </summary>
    public BitsSourceFingerprint AddTo(BitsSourceFingerprint fingerprint)
    {
        lock (_gate)
        {
            (long length, string sha256) = Current;
            return _isSame ? fingerprint with { PrefixLength = length, PrefixSha256 = sha256 } : fingerprint;
        }
    }

    /// <summary>Reads the bytes whose hash is known, and compares their hash.</summary>
    /// <exception cref="BitsSourceChangedException">
    /// The hash differs, or the source has fewer bytes. The hash of such a source is never saved.
    /// </exception>
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
                "The source is not the one whose upload is being resumed: bytes that were already sent have changed. "
                + "Cancel the session, and upload the source again.");
        }
    }

    /// <summary>
    /// Adds bytes that were read. Bytes that the hash already covers do not count again; bytes after a gap have to be read later.
    /// </summary>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_disposed && offset <= _length && offset + bytes.Length > _length)
            {
                ReadOnlySpan<byte> added = bytes[(int)(_length - offset)..];
                _hash.AppendData(added);
                _length += added.Length;
            }
        }
    }

    /// <summary>Reads the missing bytes up to a length.</summary>
    /// <exception cref="BitsSourceChangedException">The source has fewer bytes.</exception>
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
            Memory<byte> part = buffer.AsMemory(0, (int)Math.Min(missing, BufferSize));
            int read = await ReadAsync(offset, part, cancellationToken).ConfigureAwait(false);
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

    // Nothing else limits a read that is no part of a request.
    private async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueTask<int> reading = source.ReadAsync(offset, buffer, cancellationToken);
        if (reading.IsCompleted || limit is not { } most)
        {
            return await ForeignCode.AwaitAsync(reading, cancellationToken).ConfigureAwait(false);
        }

        using CancellationTokenSource elapsed = time!.CreateCancellationTokenSource(most);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, elapsed.Token);
        try
        {
            return await ForeignCode.AwaitAsync(reading, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (elapsed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no byte was read for {MessageText.Of(most)}.", e);
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
