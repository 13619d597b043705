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

    /// <summary>What follows an attempt to send a packet that ended with this failure, or with none.</summary>
    public static Attempt After(BitsPacket packet, BitsUploadException? failure) =>
        failure is not null && IsWorthAnotherTry(packet, failure) ? Attempt.Retry(failure) : Attempt.Next;

    private static bool IsWorthAnotherTry(BitsPacket packet, BitsUploadException failure) => (packet, failure) switch
    {
        (BitsPacket.CancelSession, BitsServerException refused) =>
            refused.StatusCode >= HttpStatusCode.InternalServerError && refused.ErrorCode != BitsHResult.SessionNotFound,

        // A final refusal of Close-Session, such as 501, is followed by Cancel-Session.
        (_, BitsServerException { StatusCode: < HttpStatusCode.InternalServerError }) => false,
        _ => failure.IsTransient,
    };
}
