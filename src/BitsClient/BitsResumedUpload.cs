namespace BitsClient;

/// <summary>What became of a saved upload in <see cref="IBitsUploadClient.ResumeAllAsync"/>. Immutable.</summary>
public sealed record BitsResumedUpload
{
    /// <summary>The entry of the checkpoint store, as it was before the upload was resumed.</summary>
    public required BitsStoredCheckpoint Stored { get; init; }

    /// <summary>The result of the upload; null if it failed. Default null.</summary>
    public BitsUploadResult? Result { get; init; }

    /// <summary>
    /// Why the upload was not resumed, or why it failed; null if it completed. Its checkpoint, if it has one, stays in the store. Default
    /// null.
    /// </summary>
    public Exception? Error { get; init; }
}
