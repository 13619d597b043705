namespace BitsClient.Machine;

/// <summary>What the upload has used up of its retries and restarts since it last made progress. Immutable.</summary>
internal sealed record RetryBudget
{
    /// <summary>Nothing is used up.</summary>
    public static RetryBudget Unused { get; } = new();

    /// <summary>Retries since the last progress.</summary>
    public int Retries { get; init; }

    /// <summary>New sessions since the upload last got further than in any session before.</summary>
    public int Restarts { get; init; }

    /// <summary>The most bytes that were ever acknowledged in one session.</summary>
    public long HighWater { get; init; }

    /// <summary>The last answer asked for authentication.</summary>
    public bool Challenged { get; init; }
}
