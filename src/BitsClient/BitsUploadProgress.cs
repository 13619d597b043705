namespace BitsClient;

/// <summary>
/// How far an upload is. Reports come in order, at most one each <see cref="BitsUploadOptions.ProgressInterval"/> and one more at the end;
/// <see cref="BytesAcknowledged"/> never falls within a session and never leads the server; the last report of an upload that succeeds has
/// <see cref="BytesAcknowledged"/> equal to <see cref="BytesTotal"/> and comes before <see cref="IBitsUploadJob.RunAsync"/> completes.
/// </summary>
/// <remarks>
/// The handler runs on the upload's way: it must not block, and not wait for the job. <see cref="Progress{T}"/> hands its reports to the thread pool,
/// which may shuffle them and is not waited for; give an <see cref="IProgress{T}"/> of your own where the order matters.
/// </remarks>
public readonly record struct BitsUploadProgress
{
    /// <summary>Where the upload stands.</summary>
    public required BitsUploadStatus Status { get; init; }

    /// <summary>How many bytes, from the start, the server has acknowledged.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>How many bytes this job has handed to the network so far, those sent again included.</summary>
    public required long BytesSent { get; init; }

    /// <summary>How many bytes of <see cref="BytesSent"/> had been sent before, in any session of the upload.</summary>
    public required long BytesResent { get; init; }

    /// <summary>How many bytes of the server's reply are here; it falls where the reply has to be downloaded anew. 0 when none was asked for.</summary>
    public long ReplyBytes { get; init; }

    /// <summary>The length of the server's reply, in bytes; null until it is known.</summary>
    public long? ReplyTotal { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>
    /// Which session of the job this is: 1 at first, one more each time the upload starts over, mostly because the server lost a session. With it
    /// <see cref="BytesAcknowledged"/> begins at 0 again.
    /// </summary>
    public required int Session { get; init; }

    /// <summary>Why the last try failed, while <see cref="Status"/> is <see cref="BitsUploadStatus.TransientError"/>; null otherwise.</summary>
    public BitsUploadException? Failure { get; init; }

    /// <summary>Which try this is since the last progress: 1 when all goes well.</summary>
    public required int Attempt { get; init; }

    /// <summary>The most bytes the next fragment carries.</summary>
    public required int FragmentSize { get; init; }

    /// <summary>Bytes a second handed to the network, smoothed over about five seconds; 0 until it is known.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>What is left to acknowledge at <see cref="BytesPerSecond"/>; null until that is known.</summary>
    public TimeSpan? EstimatedTimeRemaining => BytesPerSecond > 0 ? Remaining() : null;

    private TimeSpan Remaining()
    {
        double seconds = (BytesTotal - BytesAcknowledged) / BytesPerSecond;
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }
}
