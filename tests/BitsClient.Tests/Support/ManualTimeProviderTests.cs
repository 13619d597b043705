namespace BitsClient.Tests.Support;

/// <summary>Delays pass by themselves if a test asks for it; timeouts, however short, elapse only when the clock gets there.</summary>
public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private readonly ManualTimeProvider _time = new() { PassesAtOnce = TimeSpan.FromMinutes(1) };

    [Test]
    public async Task A_delay_passes_at_once_and_moves_the_clock()
    {
        DateTimeOffset before = _time.GetUtcNow();
        await Task.Delay(Short, _time, CancellationToken.None);
        Assert.That(_time.GetUtcNow() - before, Is.EqualTo(Short));
    }

    [Test]
    public async Task A_delay_longer_than_PassesAtOnce_does_not_pass_by_itself()
    {
        Task delay = Task.Delay(Long, _time, CancellationToken.None);
        await Task.Delay(Short, _time, CancellationToken.None);
        Assert.That(delay.IsCompleted, Is.False);
        _time.Advance(Long - Short);
        await delay;
    }

    [Test]
    public async Task A_timeout_does_not_elapse_by_itself()
    {
        using CancellationTokenSource limit = _time.CreateCancellationTokenSource(Short);
        Task waiting = new TaskCompletionSource().Task.WaitAsync(Short, _time);
        Task<int> waitingForResult = new TaskCompletionSource<int>().Task.WaitAsync(Short, _time);
        bool rang = false;
        await using ITimer timer = _time.CreateTimer(_ => rang = true, state: null, Short, Timeout.InfiniteTimeSpan);

        // A shorter delay passes at once, and none of them elapses.
        await Task.Delay(Short / 2, _time, CancellationToken.None);
        Assert.That(
            (limit.IsCancellationRequested, waiting.IsCompleted, waitingForResult.IsCompleted, rang),
            Is.EqualTo((false, false, false, false)));

        _time.Advance(Short / 2);
        Assert.That((limit.IsCancellationRequested, rang), Is.EqualTo((true, true)));
        Assert.That(() => waiting, Throws.TypeOf<TimeoutException>());
        Assert.That(() => waitingForResult, Throws.TypeOf<TimeoutException>());
    }
}
