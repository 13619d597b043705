using BitsClient.Content;

namespace BitsClient;

/// <summary>
/// Receives the reply of an upload-reply: a file or a stream. Pass a target to a job to request a reply. It belongs to that job, which
/// disposes it; another job needs another target.
/// </summary>
public abstract class BitsReplyTarget : IDisposable
{
    private int _isClaimed;

    private protected BitsReplyTarget()
    {
    }

    /// <summary>The file that contains the complete reply; null for a stream.</summary>
    internal virtual string? Path => null;

    /// <summary>How many bytes of the reply have been written.</summary>
    internal long Length { get; private protected set; }

    /// <summary>Which reply these bytes belong to; null before the server has answered.</summary>
    internal ReplyIdentity? Identity { get; set; }

    /// <summary>
    /// Saves the reply as a file. The reply is written to a temporary file in the same folder, which replaces the file when the reply is
    /// complete and is deleted when it fails.
    /// </summary>
    /// <param name="path">The file; an existing file is replaced.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The path is empty, or is a folder.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the file does not exist.</exception>
    public static BitsReplyTarget ToFile(string path) => FileReplyTarget.At(path);

    /// <summary>Writes the reply to a stream, from its current position on. The stream is not rewound afterwards.</summary>
    /// <param name="stream">
    /// A writable stream. If a reply changes while it is downloaded, it can start over only if the stream is also seekable; otherwise, the
    /// upload fails.
    /// </param>
    /// <param name="leaveOpen">Whether the stream stays open when the job is disposed. Default false.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The stream is not writable.</exception>
    public static BitsReplyTarget ToStream(Stream stream, bool leaveOpen = false) => StreamReplyTarget.At(stream, leaveOpen);

    /// <summary>Closes the file or stream. The job does this.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reserves the target for a job. False if it belongs to one already, whose reply would be overwritten.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    internal async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await WriteAsync(Length, bytes, cancellationToken).ConfigureAwait(false);
        Length += bytes.Length;
    }

    /// <summary>Discards what has been written.</summary>
    /// <exception cref="NotSupportedException">The stream is not seekable.</exception>
    /// <exception cref="TimeoutException">The stream is not seekable, and its last write has not ended yet.</exception>
    internal void StartOver()
    {
        if (!IsLengthKnown() || Length > 0)
        {
            Truncate();
        }

        Length = 0;
        Identity = null;
    }

    /// <summary>
    /// Checks how a write that was abandoned has ended. False if it is unknown how much of it was written; the reply then has to start
    /// over.
    /// </summary>
    internal virtual bool IsLengthKnown() => true;

    /// <summary>The whole reply has been written.</summary>
    internal abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>A run failed: deletes the temporary file, which nobody could find.</summary>
    internal virtual void Abandon()
    {
    }

    private protected abstract ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    private protected abstract void Truncate();

    private protected abstract void Release();
}
