namespace BitsClient.Transport;

/// <summary>
/// Limits how long a request may be silent, one request of an upload after another. The total duration is not limited: each piece of the
/// body that is sent or received restarts the timer. It has no lock of its own; <see cref="RequestInFlight"/> calls it under its lock.
/// </summary>
internal sealed class SilenceTimer(TimeProvider time) : IDisposable
{
    private volatile RequestInFlight? _request;
    private RequestTimeouts _timeouts = null!;
    private ITimer? _timer;
    private long _startedAt;
    private long _length;
    private long _bytesLeft;
    private bool _isReceiving;
    private bool _isStopping;
    private bool _isWaiting;

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

    /// <summary>A request begins.</summary>
    /// <param name="request">Is given up when the time has elapsed.</param>
    /// <param name="length">How many bytes its body has.</param>
    /// <param name="timeouts">The limits.</param>
    public void Begin(RequestInFlight request, long length, RequestTimeouts timeouts)
    {
        (_length, _bytesLeft, _timeouts) = (length, length, timeouts);
        (_isReceiving, _isStopping, _isWaiting) = (false, false, false);
        _request = request;
        Start();
    }

    /// <summary>The request has ended.</summary>
    public void End()
    {
        _request = null;
        _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The request waits for a connection: nothing is expected of the server yet.</summary>
    public void Pause()
    {
        if (!_isStopping)
        {
            _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
        Start();
    }

    public void Dispose() => _timer?.Dispose();

    private void Restart()
    {
        if (!_isStopping)
        {
            Start();
        }
    }

    private void Start()
    {
        _startedAt = time.GetTimestamp();
        if (_timer is null)
        {
            _timer = time.CreateTimer(static timer => ((SilenceTimer)timer!).Elapse(), this, Limit, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(Limit, Timeout.InfiniteTimeSpan);
        }
    }

    // A timer may fire although it has just been restarted, perhaps for another request.
    private void Elapse()
    {
        if (2 * time.GetElapsedTime(_startedAt).Ticks >= Limit.Ticks)
        {
            _request?.GiveUp(Limit);
        }
    }
}
