using Polly;
using Polly.Retry;

namespace BitsClient.Resilience;

/// <summary>Waits and tries again. It only knows delays: whether another try is due was decided before.</summary>
internal static class RetryPipeline
{
    public static ResiliencePipeline Build(BitsRetryOptions options, TimeProvider time, Func<TryAgainException, TimeSpan, ValueTask> retrying) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<TryAgainException>(),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.BaseDelay,
                MaxDelay = options.MaxDelay,
                DelayGenerator = static failed => ValueTask.FromResult(((TryAgainException)failed.Outcome.Exception!).Delay),
                OnRetry = failed => retrying((TryAgainException)failed.Outcome.Exception!, failed.RetryDelay),
            })
            .Build();

    /// <summary>What the caller wants around each try; nothing by default.</summary>
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
