namespace BitsClient.Queue;

/// <summary>What has become of an upload in the queue, in the terms of BITS.</summary>
public enum BitsQueueStatus
{
    /// <summary>It waits for its time, or for a machine that has room for it.</summary>
    Queued,

    /// <summary>A machine is uploading it.</summary>
    Transferring,

    /// <summary>It waits because of a failure that may pass; see <see cref="BitsQueuedUpload.Error"/>.</summary>
    TransientError,

    /// <summary>It was suspended, and waits until it is resumed. Its session stays open on the server.</summary>
    Suspended,

    /// <summary>The server has the file. The entry is kept until it is forgotten.</summary>
    Transferred,

    /// <summary>
    /// It failed for good; see <see cref="BitsQueuedUpload.Error"/>. It can be resumed, once the reason is gone, or canceled.
    /// </summary>
    Error,

    /// <summary>It was canceled; see <see cref="BitsQueuedUpload.CancelOutcome"/>.</summary>
    Canceled,
}
