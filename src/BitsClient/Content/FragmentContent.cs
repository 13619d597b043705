using System.Buffers;
using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>
/// A range of a source as the body of a request. It copies bytes from the source through one pooled buffer to the connection, and its
/// length is always known. It can be serialized again, which some authentication schemes need.
/// </summary>
/// <remarks>
/// Either the last bytes of the range are handed to the connection, or <see cref="TryWithholdEnd"/> withholds them; never both. A cancel
/// that abandons the last fragment can therefore be sure that the server does not have the complete file. HttpClient serializes it on any
/// thread, and any thread may withhold its end.
/// </remarks>
internal sealed class FragmentContent(
    BitsUploadSource source, long offset, long length, SourceHash? hash, IContentObserver? observer, SendLimit? limit = null)
    : PacketContent(observer)
{
    private const int UsualPieceSize = 128 * 1024;
    private const int LargePieceSize = 1024 * 1024;

    // Large pieces need fewer calls of the system for the same bytes. A piece of this rate is sent often enough to see that bytes move.
    private const long MinLengthOfLargePieces = 8 * 1024 * 1024;
    private const double MinRateOfLargePieces = 8 * LargePieceSize;

    // The values of _completion.
    private const int Open = 0;
    private const int Committed = 1;
    private const int Abandoned = 2;

    private SourceReads? _reads;
    private int _completion = Open;
    private long _furthest;
    private long _bytes;

    /// <summary>How fast it is expected to be sent, in bytes per second; null if that is not known.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>How much of the range was handed to the connection, at most: no byte after these was sent.</summary>
    public long Furthest => Volatile.Read(ref _furthest);

    /// <summary>How many bytes were handed to the connection, those that were sent again included.</summary>
    public long BytesHandedOver => Volatile.Read(ref _bytes);

    /// <summary>Why the source could not be read; null if it could. The connection reports it as its own failure.</summary>
    public Exception? SourceFailure { get; private set; }

    /// <summary>The source is being read, or a read of it was abandoned.</summary>
    public bool IsReading { get; private set; }

    /// <summary>Why the rate limiter could not be asked; null if it could.</summary>
    public Exception? LimiterFailure { get; private set; }

    /// <summary>Ensures that the last bytes are never handed over. False if they already were.</summary>
    public bool TryWithholdEnd() => Interlocked.CompareExchange(ref _completion, Abandoned, Open) is not Committed;

    /// <summary>Checks whether the source has changed.</summary>
    public void CheckSource()
    {
        try
        {
            IsReading = true;
            source.ThrowIfChanged();
            IsReading = false;
        }
        catch (Exception e)
        {
            SourceFailure = e;
            throw;
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        int pieceSize = PieceSize;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(pieceSize, length));
        for (long done = 0; done < length;)
        {
            int most = (int)Math.Min(Math.Min(pieceSize, limit?.PieceSize ?? pieceSize), length - done);
            await WaitForLimitAsync(most, cancellationToken).ConfigureAwait(false);
            int read = 0;
            try
            {
                // Here and not in a method of its own, which would allocate its state for each piece.
                IsReading = true;
                ValueTask<int> reading = source.ReadToSendAsync(offset + done, buffer.AsMemory(0, most), cancellationToken);
                read = await AwaitAsync(reading, cancellationToken).ConfigureAwait(false);
                IsReading = false;
                ThrowIfEnded(read, offset + done);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                SourceFailure = e;
                throw;
            }

            hash?.Append(offset + done, buffer.AsSpan(0, read));
            done += read;
            if (done == length)
            {
                CommitOrThrow(cancellationToken);
            }

            Observer?.Continuing(isWaiting: false);
            HandOver(read, done);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            Observer?.Wrote(read, length - done);
        }

        // Not in a finally block: a read or write that was abandoned may still use the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        _reads?.Dispose();
        base.Dispose(disposing);
    }

    // The reads of most sources end at once.
    private ValueTask<int> AwaitAsync(ValueTask<int> reading, CancellationToken cancellationToken) =>
        reading.IsCompleted ? reading : (_reads ??= new SourceReads(cancellationToken)).AwaitAsync(reading);

    private int PieceSize =>
        length >= MinLengthOfLargePieces && BytesPerSecond >= MinRateOfLargePieces ? LargePieceSize : UsualPieceSize;

    // Before the point of no return, so that a request that waits can be abandoned.
    private async ValueTask WaitForLimitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (limit is null)
        {
            return;
        }

        Observer?.Continuing(isWaiting: true);
        try
        {
            await limit.WaitAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LimiterFailure = e;
            throw;
        }

        // The read of the source comes next, and that is silence again.
        Observer?.Continuing(isWaiting: false);
    }

    // The point of no return: from here on the last bytes will be written, unless the request was abandoned first.
    private void CommitOrThrow(CancellationToken cancellationToken)
    {
        // A file that changed while it was read must not be completed.
        CheckSource();
        if (Interlocked.CompareExchange(ref _completion, Committed, Open) is Abandoned)
        {
            throw new OperationCanceledException("The request was abandoned before its last bytes.", cancellationToken);
        }
    }

    // Bytes are counted before they are written, because from then on they may arrive.
    private void HandOver(int bytes, long done)
    {
        Volatile.Write(ref _bytes, _bytes + bytes);
        Volatile.Write(ref _furthest, Math.Max(_furthest, done));
    }

    private void ThrowIfEnded(int read, long position)
    {
        if (read <= 0)
        {
            throw Failure.OfChangedSource(
                $"The source ends at byte {position} now; it had {source.Length} bytes when the upload began.");
        }
    }
}
