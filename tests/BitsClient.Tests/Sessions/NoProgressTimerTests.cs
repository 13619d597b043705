using BitsClient.Sessions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>NoProgressTimeout: what starts the timer, and what stops it.</summary>
public sealed class NoProgressTimerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private readonly ManualTimeProvider _time = new();
    private readonly NoProgressTimer _timer;

    public NoProgressTimerTests() => _timer = new NoProgressTimer(Limit, _time);

    public void Dispose() => _timer.Dispose();

    [Test]
    public void The_time_runs_from_the_first_failure()
    {
        _time.Advance(Limit);
        _timer.Failed(NoAnswer);
        _time.Advance(Limit / 2);
        _timer.Failed(NoAnswer);
        _time.Advance((Limit / 2) - TimeSpan.FromTicks(1));
        Assert.That(_timer.HasElapsed, Is.False);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That((_timer.HasElapsed, _timer.Token.IsCancellationRequested), Is.EqualTo((true, true)));
    }

    [Test]
    public void Progress_stops_it_and_the_next_failure_starts_it_again()
    {
        _timer.Failed(NoAnswer);
        _timer.Progressed();
        _time.Advance(Limit * 2);
        Assert.That(_timer.HasElapsed, Is.False);
        _timer.Failed(NoAnswer);
        _time.Advance(Limit);
        Assert.That(_timer.HasElapsed, Is.True);
        _timer.Progressed();
        Assert.That(_timer.HasElapsed, Is.True, "too late");
    }
}
