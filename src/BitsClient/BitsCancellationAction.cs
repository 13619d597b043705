namespace BitsClient;

/// <summary>What the token given to <see cref="BitsUploadJob.RunAsync"/> means when it fires.</summary>
public enum BitsCancellationAction
{
    /// <summary>The upload is cancelled, and its session on the server with it.</summary>
    CancelSession,

    /// <summary>The upload is stopped, because its host shuts down, for example; the session stays on the server, to be resumed.</summary>
    KeepSession,
}
