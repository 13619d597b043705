using BitsClient.Tests.Support;

namespace BitsClient.Tests.Leaks;

/// <summary>Counts the timers that another clock has made and that may still fire, or were never disposed of.</summary>
internal sealed class CountedTime(TimeProvider inner) : TimeProvider
{
    private TaskCompletionSource? _awaited;
    private int _open;
    private int _made;

    /// <summary>How many were made.</summary>
    public int Made => Volatile.Read(ref _made);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    /// <summary>
    /// Waits until every timer was disposed of or has fired. The timer of a <c>WaitAsync</c> is disposed of only after whoever waited has gone on, which may
    /// be the test itself.
    /// </summary>
    public Task WhenNoneIsOpenAsync()
    {
        TaskCompletionSource none = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, none);
        TellIfNoneIsOpen();
        return Soon.EndsAsync(none.Task, "The last timer");
    }

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
            state, dueTime, period);
        return timer;
    }

    private void TellIfNoneIsOpen()
    {
        if (Volatile.Read(ref _open) == 0)
        {
            Volatile.Read(ref _awaited)?.TrySetResult();
        }
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
                _time.TellIfNoneIsOpen();
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
