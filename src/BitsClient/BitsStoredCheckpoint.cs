namespace BitsClient;

/// <summary>An entry of an <see cref="IBitsCheckpointStore"/>: a checkpoint, or why it cannot be read. Immutable.</summary>
public sealed record BitsStoredCheckpoint
{
    /// <summary>Where the store keeps the entry, for example the full path of a file.</summary>
    public required string Location { get; init; }

    /// <summary>The checkpoint; null if it cannot be read. Default null.</summary>
    public BitsUploadCheckpoint? Checkpoint { get; init; }

    /// <summary>Why the checkpoint cannot be read; null if it can. The entry is left unchanged. Default null.</summary>
    public Exception? Error { get; init; }
}
