namespace BitsClient.Resilience;

/// <summary>
/// Tells the retry that the session was mended after a failure and waits for another try. It never gets out of the pipeline, but as the reason of one
/// that was ended.
/// </summary>
internal sealed class TryAgainException(BitsUploadException failure) : Exception(failure.Message, failure)
{
    // Longer than any patience, and no longer than a timer can be.
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    public BitsUploadException Failure => failure;

    /// <summary>How long the server asked to be left alone; null when it did not.</summary>
    public TimeSpan? Delay => failure is BitsServerException { RetryAfter: { } delay } ? (delay < MaxDelay ? delay : MaxDelay) : null;
}
