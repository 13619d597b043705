namespace BitsClient.Transport;

/// <summary>
/// Limits how long a request may be silent. The total duration is not limited: each piece of the body that is sent or received restarts the
/// timer. It has no lock of its own; <see cref="RequestInFlight"/> calls it under its lock.
/// </summary>
internal sealed class SilenceTimer : IDisposable
{
    private readonly RequestTimeouts _timeouts;
    private readonly Action<SilenceTimer> _elapsed;
    private readonly ITimer _timer;
    private readonly long _length;
    private long _bytesLeft;
    private bool _isReceiving;
    private bool _isStopping;
    private bool _isWaiting;

    /// <param name="length">How many bytes the body has.</param>
    /// <param name="timeouts">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="elapsed">Called when the time has elapsed.</param>
    public SilenceTimer(long length, RequestTimeouts timeouts, TimeProvider time, Action<SilenceTimer> elapsed)
    {
        _length = _bytesLeft = length;
        _timeouts = timeouts;
        _elapsed = elapsed;
        _timer = time.CreateTimer(static timer => ((SilenceTimer)timer!).Elapse(), this, Limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The limit that applies now. While the body is sent or received, some of it must arrive; after that, an application behind the
    /// server may take its time (MC-BUP 3.1.2).
    /// </summary>
    public TimeSpan Limit => (_isStopping, _bytesLeft > 0 || _isReceiving) switch
    {
        (true, _) => _timeouts.Cancel,
        (false, true) => _timeouts.Stall,
        (false, false) => _timeouts.Response,
    };

    /// <summary>The request waits for a connection: nothing is expected of the server yet.</summary>
    public void Pause()
    {
        if (!_isStopping)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The next part of the body waits for a rate limiter, or no longer does.</summary>
    public void Wait(bool isWaiting)
    {
        if (isWaiting)
        {
            Pause();
        }
        else if (_isWaiting)
        {
            Restart();
        }

        _isWaiting = isWaiting;
    }

    /// <summary>The request has a connection, and is written to it from the start.</summary>
    public void Started() => Sent(_length);

    /// <param name="bytesLeft">How many bytes of the body are still to be sent.</param>
    public void Sent(long bytesLeft)
    {
        _bytesLeft = bytesLeft;
        Restart();
    }

    public void Received()
    {
        _isReceiving = true;
        Restart();
    }

    /// <summary>The upload is being stopped: from now on the limit of a cancel applies, and nothing restarts it.</summary>
    public void Stop()
    {
        _isStopping = true;
        _timer.Change(Limit, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Elapse() => _elapsed(this);

    private void Restart()
    {
        if (!_isStopping)
        {
            _timer.Change(Limit, Timeout.InfiniteTimeSpan);
        }
    }
}
