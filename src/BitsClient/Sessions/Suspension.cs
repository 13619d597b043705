using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>Whether an upload is suspended, and who waits because of it: the loop to be resumed, callers for the loop to stand still. Thread-safe.</summary>
internal sealed class Suspension : IDisposable
{
    /// <summary>How long the request in flight may go on before it is abandoned.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private CancellationTokenSource _pause = new();
    private TaskCompletionSource? _resumed;
    private TaskCompletionSource _still = Signal();
    private RequestInFlight? _inFlight;

    public Suspension(TimeProvider time)
    {
        _time = time;
        _still.SetResult();
    }

    /// <summary>It is suspended; a request may still be in flight.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_gate)
            {
                return _resumed is not null;
            }
        }
    }

    /// <summary>It is suspended, and no request is in flight any more.</summary>
    public bool IsStandingStill
    {
        get
        {
            lock (_gate)
            {
                return _resumed is not null && _still.Task.IsCompleted;
            }
        }
    }

    /// <summary>
    /// Suspends, and waits until the loop stands still. A request that is still in flight after a second is abandoned, unless its ack matters; nothing
    /// is sent any more then either, and it is not waited for.
    /// </summary>
    public async Task SuspendAsync()
    {
        CancellationTokenSource pause;
        Task still;
        lock (_gate)
        {
            _resumed ??= Signal();
            (pause, still) = (_pause, _still.Task);
        }

        await pause.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await still.WaitAsync(Grace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (TryAbandon(pause))
            {
                await still.ConfigureAwait(false);
            }
        }
    }

    /// <summary>The loop may go on.</summary>
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

    /// <summary>For the loop: stands still while it is suspended.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Fires when the loop is to stand still again.</returns>
    public async Task<CancellationToken> WaitWhileSuspendedAsync(CancellationToken stop)
    {
        while (true)
        {
            Task resumed;
            lock (_gate)
            {
                _still.TrySetResult();
                if (_resumed is null)
                {
                    _still = Signal();
                    return _pause.Token;
                }

                resumed = _resumed.Task;
            }

            await resumed.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>For the loop: this request is in flight, or none.</summary>
    public void Sending(RequestInFlight? request)
    {
        lock (_gate)
        {
            _inFlight = request;
        }
    }

    /// <summary>For the loop: it is over.</summary>
    public void End()
    {
        lock (_gate)
        {
            _still.TrySetResult();
        }
    }

    public void Dispose() => _pause.Dispose();

    // Not where it was resumed meanwhile.
    private bool TryAbandon(CancellationTokenSource pause)
    {
        RequestInFlight? request;
        lock (_gate)
        {
            request = pause == _pause ? _inFlight : null;
        }

        return request is not null && request.TryAbandon();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
