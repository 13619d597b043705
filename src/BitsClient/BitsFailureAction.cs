namespace BitsClient;

/// <summary>What becomes of the server's session when an upload fails.</summary>
public enum BitsFailureAction
{
    /// <summary>It stays, so that <see cref="BitsUploadJob.RunAsync"/> can continue it; <see cref="BitsUploadException.State"/> is the way to cancel it.</summary>
    KeepSession,

    /// <summary>It is cancelled before the failure is thrown.</summary>
    CancelSession,
}
