namespace BitsClient.Queue.Worker;

/// <summary>
/// How long an upload belongs to this process, by its own clocks. It ends before the lease in the database does, so that this process has
/// stopped when another one begins. Thread-safe.
/// </summary>
/// <remarks>
/// The clock that only moves forward stands still while a machine sleeps, and the other one may be set: the lease is over if either of
/// them says so. If that is a false alarm, the upload is put back and claimed again.
/// </remarks>
internal sealed class Lease : IDisposable
{
    private const double SafePart = 0.8;

    private readonly CancellationTokenSource _lost;
    private readonly TimeProvider _time;
    private readonly TimeSpan _length;
    private readonly object _gate = new();
    private long _begunAt;
    private DateTimeOffset _begunOn;
    private bool _isDisposed;

    /// <param name="length">What the database was told.</param>
    /// <param name="askedAt">The timestamp before the database was asked, so that the clock of the lease does not begin too late.</param>
    /// <param name="time">The clock.</param>
    public Lease(TimeSpan length, long askedAt, TimeProvider time)
    {
        _length = length * SafePart;
        _time = time;
        Begin(askedAt);
        _lost = new CancellationTokenSource(Remaining, time);
    }

    /// <summary>Fires when the upload may belong to another process.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>
    /// Whether the upload is certainly this process's own. Also right after the process was stopped for a while, before any timer has run.
    /// </summary>
    public bool IsHeld
    {
        get
        {
            lock (_gate)
            {
                return !_lost.IsCancellationRequested && Remaining > TimeSpan.Zero;
            }
        }
    }

    private TimeSpan Remaining
    {
        get
        {
            TimeSpan elapsed = _time.GetElapsedTime(_begunAt);
            TimeSpan passed = _time.GetUtcNow() - _begunOn;
            TimeSpan remaining = _length - (elapsed > passed ? elapsed : passed);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>The database has renewed it. A lease that was lost stays lost.</summary>
    public void Renew(long askedAt)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                Begin(askedAt);
                _lost.CancelAfter(Remaining);
            }
        }
    }

    /// <summary>The database says that the upload belongs to another process.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                // What is registered only sets a flag, and runs elsewhere.
                _lost.Cancel();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _lost.Dispose();
        }
    }

    private void Begin(long askedAt)
    {
        _begunAt = askedAt;
        _begunOn = _time.GetUtcNow() - _time.GetElapsedTime(askedAt);
    }
}
