namespace BitsClient;

/// <summary>An entry of a <see cref="IBitsUploadStateStore"/>: a state, or what is wrong with it. Immutable.</summary>
public sealed record BitsStoredUpload
{
    /// <summary>What the store calls the entry: a file's full path, for example.</summary>
    public required string Location { get; init; }

    /// <summary>The state; null if it cannot be read.</summary>
    public BitsUploadState? State { get; init; }

    /// <summary>Why the state cannot be read; null if it can. The entry is left as it is.</summary>
    public Exception? Fault { get; init; }
}
