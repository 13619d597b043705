namespace BitsClient;

/// <summary>What becomes of the server's session when an upload is stopped by its token, or fails.</summary>
public enum BitsSessionAction
{
    /// <summary>The session is canceled on the server.</summary>
    CancelSession,

    /// <summary>
    /// The session stays on the server, so that the upload can be resumed: with <see cref="IBitsUploadJob.RunAsync"/>, or later from its
    /// <see cref="BitsUploadCheckpoint"/>.
    /// </summary>
    KeepSession,
}
