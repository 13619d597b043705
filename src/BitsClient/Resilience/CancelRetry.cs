using System.Net;
using BitsClient.Protocol;
using Polly;
using Polly.Retry;

namespace BitsClient.Resilience;

/// <summary>
/// Sends a packet that ends a session again, until its time is up, when there was no answer or a 5xx. On any other status the same packet would be
/// refused again (Win32 Cancel-Session).
/// </summary>
internal static class CancelRetry
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    public static ResiliencePipeline Pipeline(TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static outcome => ValueTask.FromResult(IsWorthAnotherTry(outcome.Outcome.Exception)),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = BaseDelay,
                MaxDelay = MaxDelay,
            })
            .Build();

    private static bool IsWorthAnotherTry(Exception? failure) => failure switch
    {
        BitsServerException refused => refused.StatusCode >= HttpStatusCode.InternalServerError && refused.ErrorCode != BitsHResult.SessionNotFound,
        BitsUploadException other => other.IsTransient,
        _ => false,
    };
}
