using System.Threading.RateLimiting;

namespace BitsClient.Content;

/// <summary>Waits until a rate limiter lets the next piece of a fragment be sent. One permit is one byte. Thread-safe.</summary>
internal sealed class SendLimit(RateLimiter limiter, TimeProvider time)
{
    // Nothing is known of the rate of another limiter, so that only small pieces are smooth.
    private const int PieceOfOther = 8 * 1024;

    // A limiter may refuse without saying when to ask again.
    private static readonly TimeSpan UsualDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How many bytes to ask for at a time.</summary>
    public int PieceSize => limiter is BitsRateLimiter own ? own.PieceSize : PieceOfOther;

    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            using RateLimitLease lease = await ForeignCode.AwaitAsync(limiter.AcquireAsync(bytes, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (lease.IsAcquired)
            {
                return;
            }

            bool isTold = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan delay) && delay > TimeSpan.Zero;
            await Task.Delay(isTold ? delay : UsualDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
