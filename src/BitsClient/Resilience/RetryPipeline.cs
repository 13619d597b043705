using Polly;
using Polly.Retry;

namespace BitsClient.Resilience;

/// <summary>Waits before each retry. It decides only the delay; whether to retry was decided before.</summary>
internal static class RetryPipeline
{
    // Longer than any NoProgressTimeout, and no longer than a timer allows.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(30);

    /// <summary>Repeats an attempt as long as its result asks for a retry.</summary>
    /// <param name="options">The delays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="retrying">Called before each delay, with the failure and the delay.</param>
    public static ResiliencePipeline<Attempt> Build(
        BitsRetryOptions options, TimeProvider time, Action<BitsUploadException, TimeSpan> retrying) =>
        new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Result.RetryReason is not null),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.BaseDelay,
                MaxDelay = options.MaxDelay,
                DelayGenerator = static attempt => ValueTask.FromResult(RetryAfterOf(attempt.Outcome.Result.RetryReason!)),
                OnRetry = attempt =>
                {
                    retrying(attempt.Outcome.Result.RetryReason!, attempt.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>
    /// How long the server asked to wait; null if it did not ask, or asked for no delay at all: the retries would then be used up at once.
    /// </summary>
    public static TimeSpan? RetryAfterOf(BitsUploadException failure)
    {
        TimeSpan? delay = (failure as BitsServerException)?.RetryAfter;
        return delay switch
        {
            null => null,
            { } asked when asked <= TimeSpan.Zero => null,
            { } asked => asked > MaxRetryAfter ? MaxRetryAfter : asked,
        };
    }

    /// <summary>The strategies that the caller adds around each attempt; none by default.</summary>
    public static ResiliencePipeline OfCaller(BitsRetryOptions options, TimeProvider time)
    {
        if (options.ConfigurePipeline is not { } configure)
        {
            return ResiliencePipeline.Empty;
        }

        ResiliencePipelineBuilder builder = new() { TimeProvider = time };
        configure(builder);
        return builder.Build();
    }
}
