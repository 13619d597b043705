using System.Buffers;
using System.Net;
using BitsClient.Errors;

namespace BitsClient.Content;

/// <summary>
/// A range of a source as a request's body. Bytes go from the source through one pooled buffer to the connection; the length is always told. It can be
/// serialized again, which some kinds of authentication need.
/// </summary>
/// <remarks>
/// It also knows the point of no return: handing over the last bytes of the file and abandoning the request exclude each other, so that a cancel
/// and a complete file can never both be true.
/// </remarks>
internal sealed class FragmentContent(BitsUploadSource source, long offset, long length, SourceHash? hash, Action<int>? sent) : HttpContent
{
    private const int BufferSize = 128 * 1024;

    private const int Open = 0;
    private const int Complete = 1;
    private const int Abandoned = 2;

    private int _fate = Open;
    private long _handedOver;

    /// <summary>How many bytes were handed to the connection, at the most of all attempts: none beyond has left.</summary>
    public long HandedOver => Volatile.Read(ref _handedOver);

    /// <summary>Why the source could not be read; the connection reports it as a failure of its own.</summary>
    public Exception? SourceFailure { get; private set; }

    /// <summary>Makes sure that the last bytes will never be handed over. False if they have been already.</summary>
    public bool TryAbandon() => Interlocked.CompareExchange(ref _fate, Abandoned, Open) is not Complete;

    /// <summary>Looks whether the source is still what it was.</summary>
    public void CheckSource()
    {
        try
        {
            source.ThrowIfChanged();
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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, length));
        for (long done = 0; done < length;)
        {
            int most = (int)Math.Min(Math.Min(buffer.Length, BufferSize), length - done);
            int read = await ReadAsync(offset + done, buffer.AsMemory(0, most), cancellationToken).ConfigureAwait(false);
            hash?.Append(offset + done, buffer.AsSpan(0, read));
            done += read;
            if (done == length)
            {
                // What changed while it was read must not be completed.
                CheckSource();
                ThrowIfAbandoned(cancellationToken);
            }

            int news = HandOver(done);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            sent?.Invoke(news);
        }

        // Only here: a source or connection that was given up may still be using it.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfAbandoned(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _fate, Complete, Open) is Abandoned)
        {
            throw new OperationCanceledException("The request was abandoned before its last bytes.", cancellationToken);
        }
    }

    // Counted before they are written: from then on they may arrive.
    private int HandOver(long done)
    {
        long before = _handedOver;
        Volatile.Write(ref _handedOver, Math.Max(before, done));
        return (int)Math.Max(0, done - before);
    }

    private async ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            // A read that does not listen to the token must not hold up the end of the request: then it goes on by itself.
            ValueTask<int> reading = source.ReadAsync(position, buffer, cancellationToken);
            int read = reading.IsCompleted ? await reading.ConfigureAwait(false) : await reading.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return read > 0
                ? read
                : throw Failure.OfChangedSource($"The source ends at byte {position} now; it had {source.Length} bytes when the upload began.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = e;
            throw;
        }
    }
}
