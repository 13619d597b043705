using Polly;
using Polly.Retry;

namespace BitsClient.Resilience;

/// <summary>Waits before each retry. It decides only the delay; whether to retry was decided before.</summary>
internal static class RetryPipeline
{
    // Longer than any NoProgressTimeout, and no longer than a timer allows.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(30);

    /// <summary>What an execution is given to call before each delay, with the failure and the delay.</summary>
    public static readonly ResiliencePropertyKey<Action<BitsUploadException, TimeSpan>> Retrying = new("BitsClient.Retrying");

    /// <summary>
    /// Repeats an attempt as long as its result asks for a retry. All uploads of a client share the pipeline, which is costly to build.
    /// </summary>
    /// <param name="options">The delays.</param>
    /// <param name="time">The clock.</param>
    public static ResiliencePipeline<Attempt> Build(BitsRetryOptions options, TimeProvider time) =>
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
                OnRetry = static attempt =>
                {
                    attempt.Context.Properties.GetValue(Retrying, static (_, _) => { })(
                        attempt.Outcome.Result.RetryReason!, attempt.RetryDelay);
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

    /// <summary>The strategies that the caller adds around each attempt; null for none.</summary>
    public static ResiliencePipeline? OfCaller(BitsRetryOptions options, TimeProvider time)
    {
        if (options.ConfigurePipeline is not { } configure)
        {
            return null;
        }

        ResiliencePipelineBuilder builder = new() { TimeProvider = time };
        configure(builder);
        return builder.Build();
    }
}
