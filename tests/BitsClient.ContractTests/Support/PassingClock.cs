namespace BitsClient.ContractTests.Support;

/// <summary>A clock that stands still until the client waits between two tries: then that time has passed at once. Limits never run out.</summary>
internal sealed class PassingClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Task.Delay is how the client waits; its limits are timers of other kinds.
        bool isDelay = state?.GetType().Name.StartsWith("DelayPromise", StringComparison.Ordinal) is true;
        Timer timer = new(this, () => callback(state), isDelay);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(PassingClock clock, Action callback, bool isDelay) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (isDelay && dueTime >= TimeSpan.Zero)
            {
                Interlocked.Add(ref clock._ticks, dueTime.Ticks);
                ThreadPool.QueueUserWorkItem(static callback => callback(), callback, preferLocal: false);
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
