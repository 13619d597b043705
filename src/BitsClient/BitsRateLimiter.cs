using System.Threading.RateLimiting;

namespace BitsClient;

/// <summary>
/// Limits how many bytes per second are sent, smoothly and in the order in which they ask. Share one limiter among clients to limit them
/// together (<see cref="BitsUploadOptions.RateLimiter"/>). Thread-safe.
/// </summary>
public sealed class BitsRateLimiter : RateLimiter
{
    // After a pause, this much time's worth of bytes may be sent at once, so that a late timer costs no throughput.
    private static readonly TimeSpan Credit = TimeSpan.FromMilliseconds(125);

    private const int MaxPieceSize = 128 * 1024;

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly long _createdAt;
    private TimeSpan _free;
    private long _bytesPerSecond;
    private bool _isDisposed;

    /// <summary>Initializes a limiter.</summary>
    /// <param name="bytesPerSecond">How many bytes per second may be sent; at least 1.</param>
    /// <param name="timeProvider">The clock. Default null: the system clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is less than 1.</exception>
    public BitsRateLimiter(long bytesPerSecond, TimeProvider? timeProvider = null)
    {
        _time = timeProvider ?? TimeProvider.System;
        _createdAt = _time.GetTimestamp();
        BytesPerSecond = bytesPerSecond;
    }

    /// <summary>
    /// How many bytes per second may be sent, by all uploads that share the limiter; at least 1. A change applies to uploads that are
    /// running, from the next piece on.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                return _bytesPerSecond;
            }
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            lock (_gate)
            {
                _bytesPerSecond = value;
            }
        }
    }

    /// <summary>Not measured: always null.</summary>
    public override TimeSpan? IdleDuration => null;

    /// <summary>How many bytes an upload asks for at a time: what is sent in an eighth of a second.</summary>
    internal int PieceSize => (int)Math.Clamp(BytesPerSecond / 8, 1, MaxPieceSize);

    /// <summary>Not measured: always null.</summary>
    /// <returns>Null.</returns>
    /// <exception cref="ObjectDisposedException">The limiter was disposed.</exception>
    public override RateLimiterStatistics? GetStatistics()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return null;
    }

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        TimeSpan wait = Reserve(permitCount, mayWait: false);
        return new Lease(wait);
    }

    /// <inheritdoc />
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        TimeSpan wait = Reserve(permitCount, mayWait: true);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }

        return new Lease(TimeSpan.Zero);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    // How long to wait for the bytes. Whoever waits has a time of its own, so that the order is that of the calls.
    private TimeSpan Reserve(int bytes, bool mayWait)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            TimeSpan now = _time.GetElapsedTime(_createdAt);
            TimeSpan start = _free > now - Credit ? _free : now - Credit;
            if (mayWait || start <= now)
            {
                _free = start + TimeSpan.FromSeconds((double)bytes / _bytesPerSecond);
            }

            return start > now ? start - now : TimeSpan.Zero;
        }
    }

    /// <summary>The answer: granted if there is nothing to wait for.</summary>
    private sealed class Lease(TimeSpan wait) : RateLimitLease
    {
        public override bool IsAcquired => wait == TimeSpan.Zero;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = !IsAcquired && metadataName == MetadataName.RetryAfter.Name ? wait : null;
            return metadata is not null;
        }
    }
}
