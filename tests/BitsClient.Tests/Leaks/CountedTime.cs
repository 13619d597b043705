using BitsClient.Tests.Support;

namespace BitsClient.Tests.Leaks;

/// <summary>Counts the timers of another clock that may still fire or were never disposed.</summary>
internal sealed class CountedTime(TimeProvider inner) : TimeProvider
{
    private TaskCompletionSource? _awaited;
    private int _open;
    private int _made;

    /// <summary>The number of timers created.</summary>
    public int Made => Volatile.Read(ref _made);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    /// <summary>
    /// Waits until every timer was disposed or has fired. The timer of a <c>WaitAsync</c> is disposed only after the code that awaits it
    /// has continued, which may be the test itself.
    /// </summary>
    public Task WhenNoneIsOpenAsync()
    {
        TaskCompletionSource none = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, none);
        SignalIfNoneIsOpen();
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

    private void SignalIfNoneIsOpen()
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
                _time.SignalIfNoneIsOpen();
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
