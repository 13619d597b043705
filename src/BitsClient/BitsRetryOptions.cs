using BitsClient.Errors;
using Polly;

namespace BitsClient;

/// <summary>When and how often an upload is retried (<see cref="BitsUploadOptions.Retry"/>).</summary>
public sealed class BitsRetryOptions
{
    /// <summary>
    /// How many times transient failures are retried without progress in between. Default 5; 0 for never. A 5xx that may mean that the
    /// session was lost leads to a new one after that, or after five retries if this is more (<see cref="MaxRestarts"/>). While a host that
    /// the server named does not answer and has a fallback time, only the first retry counts.
    /// </summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>
    /// The average delay before the first retry. The delay doubles with each further retry, with jitter. Default 1 second; not negative.
    /// </summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The maximum delay, unless the server asks for more (Retry-After). Default 30 seconds; at least <see cref="BaseDelay"/>, at most a
    /// day.
    /// </summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many times an upload starts over with a new session, for example because the server lost the old one. The count starts again
    /// when the upload gets further than in any session before. Default 2; 0 for never.
    /// </summary>
    public int MaxRestarts { get; set; } = 2;

    /// <summary>
    /// Adds the caller's own strategies around each attempt, inside the retry: for example a circuit breaker, a timeout or fault injection.
    /// Default null. It is called once, when the client is created, and all uploads of the client share the pipeline. An exception from a
    /// strategy is treated as a transient failure. A strategy must not send a packet twice, as retry and hedging do: the upload fails if
    /// one does.
    /// </summary>
    public Action<ResiliencePipelineBuilder>? ConfigurePipeline { get; set; }

    internal void Check(OptionErrors errors, TimeSpan maxTime)
    {
        errors.Require(MaxRetries >= 0, nameof(MaxRetries), MaxRetries, "at least 0");
        errors.Require(MaxRestarts >= 0, nameof(MaxRestarts), MaxRestarts, "at least 0");
        errors.Require(BaseDelay >= TimeSpan.Zero, nameof(BaseDelay), BaseDelay, "not negative");
        errors.Require(
            MaxDelay >= BaseDelay && MaxDelay <= maxTime, nameof(MaxDelay), MaxDelay, $"from {nameof(BaseDelay)}, {BaseDelay}, to a day");
    }

    internal BitsRetryOptions Copy() => (BitsRetryOptions)MemberwiseClone();
}
