namespace BitsClient.Tests.Support;

/// <summary>Counts how often the timers of another clock are set, and how many of them are not disposed.</summary>
internal sealed class WatchedTimers(TimeProvider inner) : TimeProvider
{
    private int _settings;
    private int _undisposed;

    public int Settings => Volatile.Read(ref _settings);

    public int Undisposed => Volatile.Read(ref _undisposed);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _undisposed);
        return new WatchedTimer(this, inner.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class WatchedTimer(WatchedTimers owner, ITimer timer) : ITimer
    {
        private int _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref owner._settings);
            return timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                Interlocked.Decrement(ref owner._undisposed);
            }

            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
