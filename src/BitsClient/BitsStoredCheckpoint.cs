namespace BitsClient;

/// <summary>An entry of a <see cref="IBitsCheckpointStore"/>: a state, or what is wrong with it. Immutable.</summary>
public sealed record BitsStoredCheckpoint
{
    /// <summary>What the store calls the entry: a file's full path, for example.</summary>
    public required string Location { get; init; }

    /// <summary>The state; null if it cannot be read.</summary>
    public BitsUploadCheckpoint? Checkpoint { get; init; }

    /// <summary>Why the state cannot be read; null if it can. The entry is left as it is.</summary>
    public Exception? Error { get; init; }
}
