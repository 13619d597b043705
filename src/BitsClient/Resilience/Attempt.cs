namespace BitsClient.Resilience;

/// <summary>What follows an attempt to send a packet: the next packet, a retry after a delay, or the end of the loop.</summary>
internal readonly record struct Attempt
{
    /// <summary>The loop continues with the next packet, which may be the same one.</summary>
    public static Attempt Next => default;

    /// <summary>The transient failure after which the packet is retried; null if the loop does not wait.</summary>
    public BitsUploadException? RetryReason { get; private init; }

    /// <summary>How the loop ends; null if it continues.</summary>
    public RunEnd? End { get; private init; }

    public static Attempt Retry(BitsUploadException failure) => new() { RetryReason = failure };

    public static Attempt Ended(RunEnd end) => new() { End = end };
}
