using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>
/// Whether an upload is suspended, and who waits for that: the loop waits to be resumed, and callers wait until nothing more is sent.
/// </summary>
/// <remarks>
/// Callers of the job suspend and resume it on any thread, while the loop of a run waits here and registers its request. The lock guards
/// all fields; the request is abandoned outside of it.
/// </remarks>
internal sealed class Suspension(TimeProvider time) : IDisposable
{
    private readonly object _gate = new();
    private CancellationTokenSource _pause = new();
    private TaskCompletionSource? _resumed;
    private Phase _loop;
    private RequestInFlight? _inFlight;

    /// <summary>The upload is suspended; a request may still be in flight.</summary>
    public bool IsRequested
    {
        get
        {
            lock (_gate)
            {
                return _resumed is not null;
            }
        }
    }

    /// <summary>The upload is suspended, and no request is in flight.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _resumed is not null && !_loop.IsOn;
            }
        }
    }

    /// <summary>
    /// Suspends, and waits until nothing more is sent. A request that is still in flight after a second is abandoned. If its ack matters,
    /// it is neither abandoned nor awaited; nothing more is sent.
    /// </summary>
    public async Task SuspendAsync()
    {
        CancellationTokenSource pause;
        Task idle;
        lock (_gate)
        {
            _resumed ??= Signal();
            (pause, idle) = (_pause, _loop.Ended);
        }

        await pause.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            // As long as a request that is stopped may take to end.
            await idle.WaitAsync(RequestInFlight.Grace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (TryAbandon(pause))
            {
                await idle.ConfigureAwait(false);
            }
        }
    }

    /// <summary>The loop may continue.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (_resumed is { } resumed)
            {
                _resumed = null;
                _pause = new CancellationTokenSource();
                resumed.SetResult();
            }
        }
    }

    /// <summary>For the loop: waits while the upload is suspended, or until it is stopped.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Fires when the upload is suspended the next time.</returns>
    public async ValueTask<CancellationToken> WaitWhileSuspendedAsync(CancellationToken stop)
    {
        while (true)
        {
            Task resumed;
            lock (_gate)
            {
                _loop.End();
                if (_resumed is null)
                {
                    _loop.Begin();
                    return _pause.Token;
                }

                if (stop.IsCancellationRequested)
                {
                    return _pause.Token;
                }

                resumed = _resumed.Task;
            }

            using AnySignal stopped = new(stop);
            await resumed.WaitAsync(stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>For the loop: this request is in flight, until the registration is disposed.</summary>
    public Registration Register(RequestInFlight request)
    {
        SetInFlight(request);
        return new Registration(this);
    }

    /// <summary>For the loop: it has ended.</summary>
    public void LoopEnded()
    {
        lock (_gate)
        {
            _loop.End();
        }
    }

    public void Dispose() => _pause.Dispose();

    private void SetInFlight(RequestInFlight? request)
    {
        lock (_gate)
        {
            _inFlight = request;
        }
    }

    // Not if it was resumed in the meantime.
    private bool TryAbandon(CancellationTokenSource pause)
    {
        RequestInFlight? request;
        lock (_gate)
        {
            request = pause == _pause ? _inFlight : null;
        }

        return request is not null && request.TrySuspend();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A request that is in flight.</summary>
    public readonly struct Registration(Suspension suspension) : IDisposable
    {
        public void Dispose() => suspension.SetInFlight(null);
    }
}
