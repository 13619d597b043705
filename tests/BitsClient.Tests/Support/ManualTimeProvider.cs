namespace BitsClient.Tests.Support;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly object _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Armed)> _awaited = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Delays between attempts up to this long pass at once: the clock moves by itself as soon as a delay begins. Timeouts never elapse
    /// this way, only when the clock gets there, by such delays or by <see cref="Advance"/>. The default is zero: the clock never moves by
    /// itself.
    /// </summary>
    public TimeSpan PassesAtOnce { get; set; }

    /// <summary>Whether the second passes at once in which a fragment may end that a stop need not cut. Default: true.</summary>
    public bool GracePassesAtOnce { get; set; } = true;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, () => callback(state), due => PassesAt(due, state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes when a timer is set that is due after this time; at once if there is one.</summary>
    public Task WhenArmed(TimeSpan due)
    {
        lock (_gate)
        {
            if (_timers.Exists(timer => timer.Due == _now + due))
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((due, armed));
            return armed.Task;
        }
    }

    /// <summary>Moves the clock, and runs the timers that are due by then.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset end = GetUtcNow() + by;
        while (NextDue(end) is { } timer)
        {
            timer.Run();
        }

        lock (_gate)
        {
            // A timer may have moved the clock further, on another thread.
            _now = _now > end ? _now : end;
        }
    }

    private bool PassesAt(TimeSpan due, object? state) =>
        (IsDelay(state) && due <= PassesAtOnce) || (state?.GetType().Name is "RequestInFlight" && GracePassesAtOnce);

    // Polly waits with Task.Delay, or with that of Microsoft.Bcl.TimeProvider on .NET Framework. A timeout is one of the library's own
    // timers, a CancellationTokenSource, or a WaitAsync.
    private static bool IsDelay(object? state) =>
        state?.GetType().Name is { } name && (name.StartsWith("DelayPromise", StringComparison.Ordinal) || name == "DelayState");

    private ManualTimer? NextDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            ManualTimer? timer = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (timer is not null)
            {
                _now = timer.Due;
                _timers.Remove(timer);
            }

            return timer;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, Action run, Predicate<TimeSpan> passesAtOnce) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Run() => run();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
            {
                throw new NotSupportedException("Periodic timers are not supported.");
            }

            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                    if (passesAtOnce(dueTime))
                    {
                        ThreadPool.QueueUserWorkItem(_ => clock.Advance(dueTime));
                    }

                    clock._awaited.RemoveAll(awaited => awaited.Due == dueTime && awaited.Armed.TrySetResult());
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
