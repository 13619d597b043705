using BitsClient.Errors;
using Polly;

namespace BitsClient;

/// <summary>When and how often an upload tries again. Part of <see cref="BitsUploadOptions"/>.</summary>
public sealed class BitsRetryOptions
{
    /// <summary>How often a failure that may pass is answered with another try, counted since the last progress. Default 5; 0 for never.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The delay before the first retry, on average; it doubles from one to the next, with jitter. Default 1 second; not negative.</summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay, unless the server asks for more (Retry-After). Default 30 seconds; at least <see cref="BaseDelay"/>, at most a day.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often an upload starts over with a new session, because the server lost the old one, counted since it last got further than ever. Default 2; 0 for never.
    /// </summary>
    public int MaxRestarts { get; set; } = 2;

    /// <summary>
    /// Adds strategies of the caller's own around each try, inside the retry: a circuit breaker, a time-out, chaos. Default none. It is called once, when the
    /// client is made, and all its uploads go through the one pipeline. What a strategy throws is treated as a failure that may pass. None may send a
    /// packet twice, as retry and hedging do: that ends the upload with an error.
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
