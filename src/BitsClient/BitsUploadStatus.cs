namespace BitsClient;

/// <summary>Where an upload stands, in the words of the Windows service (BG_JOB_STATE).</summary>
public enum BitsUploadStatus
{
    /// <summary>Made, and not run yet.</summary>
    Queued,

    /// <summary>Create-Session is on its way.</summary>
    Connecting,

    /// <summary>Fragments are being sent.</summary>
    Transferring,

    /// <summary>
    /// Suspended by <see cref="IBitsUploadJob.SuspendAsync"/>, or stopped without a cancel: the session stays on the server, and nothing is sent until
    /// the upload goes on.
    /// </summary>
    Suspended,

    /// <summary>Something failed that may pass; another try follows by itself.</summary>
    TransientError,

    /// <summary>The server has every byte; its reply is being downloaded.</summary>
    DownloadingReply,

    /// <summary>The server has every byte; the session is being closed.</summary>
    Transferred,

    /// <summary>The session is closed: done. Final.</summary>
    Acknowledged,

    /// <summary>Canceled: it sends no more of the file.</summary>
    Canceled,

    /// <summary>Failed; <see cref="IBitsUploadJob.RunAsync"/> continues, <see cref="IBitsUploadJob.CancelAsync"/> ends it.</summary>
    Error,
}
