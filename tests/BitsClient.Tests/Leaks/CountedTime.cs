namespace BitsClient.Tests.Leaks;

/// <summary>Counts the timers that another clock has made and that may still fire, or were never disposed of.</summary>
internal sealed class CountedTime(TimeProvider inner) : TimeProvider
{
    private int _open;
    private int _made;

    /// <summary>How many were made.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>How many were neither disposed of nor have fired last.</summary>
    public int Open => Volatile.Read(ref _open);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _made);
        CountedTimer timer = new(this);
        timer.Inner = inner.CreateTimer(
            _ =>
            {
                timer.Settle();
                callback(state);
            },
            null, dueTime, period);
        return timer;
    }

    private sealed class CountedTimer : ITimer
    {
        private readonly CountedTime _time;
        private int _isOpen;

        public CountedTimer(CountedTime time)
        {
            _time = time;
            Reopen();
        }

        public ITimer Inner { get; set; } = null!;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Reopen();
            return Inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            Settle();
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void Settle()
        {
            if (Interlocked.Exchange(ref _isOpen, 0) == 1)
            {
                Interlocked.Decrement(ref _time._open);
            }
        }

        private void Reopen()
        {
            if (Interlocked.Exchange(ref _isOpen, 1) == 0)
            {
                Interlocked.Increment(ref _time._open);
            }
        }
    }
}
