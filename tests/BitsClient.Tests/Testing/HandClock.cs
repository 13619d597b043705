namespace BitsClient.Tests.Testing;

/// <summary>A clock with one timer, which a test fires with <see cref="Ring"/>.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly TaskCompletionSource<TimeSpan> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _ring;

    public Task<TimeSpan> Asked => _asked.Task;

    public void Ring() => _ring!();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _ring = () => callback(state);
        _asked.TrySetResult(dueTime);
        return new Silent();
    }

    private sealed class Silent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // There is nothing to release.
        }

        public ValueTask DisposeAsync() => default;
    }
}
