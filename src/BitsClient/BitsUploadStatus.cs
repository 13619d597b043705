namespace BitsClient;

/// <summary>The status of an upload, named as in the Windows service (BG_JOB_STATE).</summary>
public enum BitsUploadStatus
{
    /// <summary>Created, but not run yet.</summary>
    Queued,

    /// <summary>Create-Session is being sent.</summary>
    Connecting,

    /// <summary>Fragments are being sent.</summary>
    Transferring,

    /// <summary>
    /// Suspended by <see cref="IBitsUploadJob.SuspendAsync"/>, or stopped without a cancel. The session stays on the server, and nothing is
    /// sent until the upload continues.
    /// </summary>
    Suspended,

    /// <summary>A transient failure occurred; the upload is waiting to retry.</summary>
    TransientError,

    /// <summary>The server has every byte; its reply is being downloaded.</summary>
    DownloadingReply,

    /// <summary>The server has every byte; the session is being closed.</summary>
    Transferred,

    /// <summary>The session is closed, and the upload is done. Final.</summary>
    Acknowledged,

    /// <summary>Canceled; no more of the file is sent.</summary>
    Canceled,

    /// <summary>
    /// Failed. <see cref="IBitsUploadJob.RunAsync"/> continues the upload, and <see cref="IBitsUploadJob.CancelAsync"/> cancels it.
    /// </summary>
    Error,
}
