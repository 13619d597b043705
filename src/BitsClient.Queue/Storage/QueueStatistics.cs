namespace BitsClient.Queue.Storage;

/// <summary>How full the queue is: what has not ended, and what has failed for good. Immutable.</summary>
internal sealed record QueueStatistics
{
    public required IReadOnlyDictionary<BitsQueueStatus, long> Counts { get; init; }

    /// <summary>For how long the oldest upload has been due that nobody has begun or continued; zero if there is none.</summary>
    public required TimeSpan Oldest { get; init; }
}
