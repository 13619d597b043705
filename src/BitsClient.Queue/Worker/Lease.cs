namespace BitsClient.Queue.Worker;

/// <summary>
/// How long an upload belongs to this process, by its own clock, which only moves forward. It ends before the lease in the database does,
/// so that this process has stopped when another one begins. Thread-safe.
/// </summary>
internal sealed class Lease : IDisposable
{
    private const double SafePart = 0.8;

    private readonly CancellationTokenSource _lost;
    private readonly TimeProvider _time;
    private readonly TimeSpan _length;
    private readonly object _gate = new();
    private long _begunAt;
    private bool _isDisposed;

    /// <param name="length">What the database was told.</param>
    /// <param name="askedAt">The timestamp before the database was asked, so that the clock of the lease does not begin too late.</param>
    /// <param name="time">The clock.</param>
    public Lease(TimeSpan length, long askedAt, TimeProvider time)
    {
        _length = length * SafePart;
        _begunAt = askedAt;
        _time = time;
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
                return !_lost.IsCancellationRequested && _time.GetElapsedTime(_begunAt) < _length;
            }
        }
    }

    private TimeSpan Remaining
    {
        get
        {
            TimeSpan remaining = _length - _time.GetElapsedTime(_begunAt);
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
                _begunAt = askedAt;
                _lost.CancelAfter(Remaining);
            }
        }
    }

    /// <summary>The database says that the upload belongs to another process.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }
        }

        _lost.Cancel();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _lost.Dispose();
    }
}
