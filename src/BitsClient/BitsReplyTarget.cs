using BitsClient.Content;

namespace BitsClient;

/// <summary>
/// Where the reply of an upload-reply goes: a file or a stream. A target belongs to one job, which disposes of it; giving one to a job is what asks for a reply.
/// </summary>
public abstract class BitsReplyTarget : IDisposable
{
    private protected BitsReplyTarget()
    {
    }

    /// <summary>The file that holds the reply in the end; null for a stream.</summary>
    internal virtual string? Path => null;

    /// <summary>How many bytes of the reply are here.</summary>
    internal long Length { get; private protected set; }

    /// <summary>Which reply the bytes here are of; null before there was an answer.</summary>
    internal ReplyIdentity? Identity { get; set; }

    /// <summary>
    /// Saves the reply as a file. It grows in a temporary file in the same folder, which replaces the file when the reply is complete and is gone
    /// when it fails.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The path is empty, or a folder.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    public static BitsReplyTarget ToFile(string path) => FileReplyTarget.At(path);

    /// <summary>Writes the reply to a stream, from its current position on. The stream is not rewound afterwards.</summary>
    /// <param name="stream">
    /// A stream that can be written. If it can seek as well, a reply that changes while it is downloaded can begin anew; if not, that is an error.
    /// </param>
    /// <param name="leaveOpen">Whether the stream stays open when the job is disposed of. Default false.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    public static BitsReplyTarget ToStream(Stream stream, bool leaveOpen = false) => StreamReplyTarget.At(stream, leaveOpen);

    /// <summary>Lets go of the file or stream. The job does it.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    internal async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await WriteAsync(Length, bytes, cancellationToken).ConfigureAwait(false);
        Length += bytes.Length;
    }

    /// <summary>Forgets what is here.</summary>
    /// <exception cref="NotSupportedException">A stream cannot.</exception>
    /// <exception cref="TimeoutException">A write to a stream that cannot has not ended yet.</exception>
    internal void StartOver()
    {
        if (!TrySettle() || Length > 0)
        {
            Truncate();
        }

        Length = 0;
        Identity = null;
    }

    /// <summary>Looks what became of a write that was given up. False where nobody can tell how much of it is done: the reply has to begin anew.</summary>
    internal virtual bool TrySettle() => true;

    /// <summary>The reply is here as a whole.</summary>
    internal abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>A run failed: nothing of the reply that nobody could find may be left behind.</summary>
    internal virtual void Abandon()
    {
    }

    private protected abstract ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    private protected abstract void Truncate();

    private protected abstract void Release();
}
