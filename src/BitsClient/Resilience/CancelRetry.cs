using System.Net;
using BitsClient.Protocol;
using Polly;
using Polly.Retry;

namespace BitsClient.Resilience;

/// <summary>
/// Sends a packet that ends a session again, until the time for a cancel has elapsed, if there was no answer or a 5xx. After any other
/// status, the same packet would be refused again (Win32 Cancel-Session).
/// </summary>
internal static class CancelRetry
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    public static ResiliencePipeline<Attempt> Build(TimeProvider time) =>
        new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Result.RetryReason is not null),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = BaseDelay,
                MaxDelay = MaxDelay,
            })
            .Build();

    /// <summary>What follows an attempt that ended with this failure, or with none.</summary>
    public static Attempt After(BitsUploadException? failure) =>
        failure is not null && IsWorthAnotherTry(failure) ? Attempt.Retry(failure) : Attempt.Next;

    private static bool IsWorthAnotherTry(BitsUploadException failure) => failure is BitsServerException refused
        ? refused.StatusCode >= HttpStatusCode.InternalServerError && refused.ErrorCode != BitsHResult.SessionNotFound
        : failure.IsTransient;
}
