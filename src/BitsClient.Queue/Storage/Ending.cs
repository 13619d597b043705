namespace BitsClient.Queue.Storage;

/// <summary>What is written when a run of an upload has ended. Immutable.</summary>
internal sealed record Ending
{
    /// <summary>See <see cref="StatusText"/>.</summary>
    public required string Status { get; init; }

    /// <summary>How long it waits, if it is queued again.</summary>
    public TimeSpan Delay { get; init; }

    public string? Error { get; init; }

    /// <summary>How many failures there were since the last progress. The time of the first one is kept.</summary>
    public long Failures { get; init; }

    /// <summary>The server has acknowledged more bytes than before, so that the failures are counted anew.</summary>
    public bool HasProgressed { get; init; }

    /// <summary>
    /// What a caller had asked for when the run began; see <see cref="Wanted"/>. Only what was asked for later is done without a delay.
    /// </summary>
    public string? KnownWish { get; init; }

    public BitsCancelOutcome? Outcome { get; init; }

    /// <summary>The JSON of the checkpoint of the session that may be open; null for none.</summary>
    public string? Checkpoint { get; init; }

    public long BytesAcknowledged { get; init; }

    public long? BytesTotal { get; init; }
}
