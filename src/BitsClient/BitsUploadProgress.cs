namespace BitsClient;

/// <summary>The progress of an upload. Immutable.</summary>
/// <remarks>
/// Reports come in order: at most one per <see cref="BitsUploadOptions.ProgressInterval"/>, and one more when a successful upload ends.
/// Within a session, <see cref="BytesAcknowledged"/> never decreases, and it is never higher than what the server has acknowledged at
/// some time. The last report of a successful upload has <see cref="BytesAcknowledged"/> equal to <see cref="BytesTotal"/>, and comes
/// before <see cref="IBitsUploadJob.RunAsync"/> completes. The upload waits for the handler, on any thread: the handler must not block, and
/// must not wait for the job. <see cref="Progress{T}"/> posts its reports to the thread pool or to a synchronization context, which may
/// deliver them out of order or after the upload has completed; <see cref="BitsProgress"/> does not.
/// </remarks>
public readonly record struct BitsUploadProgress
{
    private readonly double? _fraction;

    /// <summary>The status of the upload.</summary>
    public required BitsUploadStatus Status { get; init; }

    /// <summary>How many bytes, from the start, the server has acknowledged.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>
    /// How many bytes of the fragment that is being sent were handed to the network. The server has not acknowledged them yet, and may
    /// never do so. Default 0.
    /// </summary>
    public long BytesInFlight { get; init; }

    /// <summary>
    /// How much of the upload is done, from 0 to 1, the bytes in flight included. Within a session, it never decreases, also if a fragment
    /// fails; it is 1 only after the server has acknowledged the last byte. Default: <see cref="BytesAcknowledged"/> as a part of
    /// <see cref="BytesTotal"/>.
    /// </summary>
    public double Fraction
    {
        get => _fraction ?? (BytesTotal == 0 ? 0 : (double)BytesAcknowledged / BytesTotal);
        init => _fraction = value;
    }

    /// <summary>How many bytes of the source this job has handed to the network, including those sent again.</summary>
    public required long BytesSent { get; init; }

    /// <summary>How many bytes of <see cref="BytesSent"/> had been sent before, in any session of the upload.</summary>
    public required long BytesResent { get; init; }

    /// <summary>
    /// How many bytes of the server's reply have been downloaded; it decreases if the download starts over. 0 if no reply is expected.
    /// Default 0.
    /// </summary>
    public long ReplyBytes { get; init; }

    /// <summary>The length of the server's reply, in bytes; null while it is unknown. Default null.</summary>
    public long? ReplyTotal { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>
    /// The number of the current session of this job: 1 for the first, one more each time the upload starts over.
    /// <see cref="BytesAcknowledged"/> then starts at 0 again.
    /// </summary>
    public required int Session { get; init; }

    /// <summary>
    /// Why the last attempt failed, while <see cref="Status"/> is <see cref="BitsUploadStatus.TransientError"/>; null otherwise. Default
    /// null.
    /// </summary>
    public BitsUploadException? Failure { get; init; }

    /// <summary>
    /// How long the upload waits before the next attempt, while <see cref="Status"/> is <see cref="BitsUploadStatus.TransientError"/>; null
    /// otherwise. Default null.
    /// </summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The number of this attempt since the last progress: 1 if nothing failed.</summary>
    public required int Attempt { get; init; }

    /// <summary>The maximum size of the next fragment, in bytes.</summary>
    public required int FragmentSize { get; init; }

    /// <summary>
    /// How many bytes per second are handed to the network, smoothed over about five seconds; 0 while it is unknown, and while nothing is
    /// acknowledged.
    /// </summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>
    /// How long the bytes that are neither acknowledged nor in flight will take at <see cref="BytesPerSecond"/>; null while that is
    /// unknown.
    /// </summary>
    public TimeSpan? EstimatedTimeRemaining => BytesPerSecond > 0 ? Remaining() : null;

    private TimeSpan Remaining()
    {
        double seconds = Math.Max(0, BytesTotal - BytesAcknowledged - BytesInFlight) / BytesPerSecond;
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }
}
