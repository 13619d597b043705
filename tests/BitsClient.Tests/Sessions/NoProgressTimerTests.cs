using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>NoProgressTimeout: what starts the timer, and what stops it.</summary>
public sealed class NoProgressTimerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private static readonly UploadState State = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 30,
        Session = new OpenSession { Id = "id", Offset = 20, Acknowledged = 20 },
    };

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

    [Test]
    public void The_time_that_a_packet_waits_for_a_connection_counts_until_it_has_one()
    {
        _timer.Waiting("a free connection");
        _time.Advance(Limit / 2);
        _timer.Connected();
        _time.Advance(Limit * 2);
        Assert.That(_timer.HasElapsed, Is.False);
        _timer.Waiting("a free connection");
        _time.Advance(Limit);
        Assert.That(_timer.HasElapsed, Is.True);
    }

    [Test]
    public void After_a_failure_neither_a_wait_nor_its_end_starts_the_time_over()
    {
        _timer.Failed(NoAnswer);
        _time.Advance(Limit / 2);
        _timer.Waiting("a free connection");
        _timer.Connected();
        _time.Advance(Limit / 2);
        Assert.That(_timer.HasElapsed, Is.True);
    }

    [Test]
    public void Each_part_of_a_reply_starts_the_time_over()
    {
        _timer.Waiting("a free connection");
        _time.Advance(Limit / 2);
        _timer.Connected(isDownload: true);
        _time.Advance(Limit - TimeSpan.FromTicks(1));
        _timer.Downloaded();
        _time.Advance(Limit - TimeSpan.FromTicks(1));
        Assert.That(_timer.HasElapsed, Is.False);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(_timer.HasElapsed, Is.True);
    }

    [Test]
    public void A_part_of_a_reply_is_progress_after_a_failure()
    {
        _timer.Failed(NoAnswer);
        _time.Advance(Limit / 2);
        _timer.Downloaded();
        _time.Advance(Limit / 2);
        Assert.That((_timer.HasElapsed, _timer.Stalled(State).InnerException), Is.EqualTo((false, (Exception?)null)));
    }

    [Test]
    public void A_failure_of_the_last_attempt_ends_the_time_at_once()
    {
        _timer.Failed(NoAnswer, isLastAttempt: true);
        Assert.That(_timer.HasElapsed, Is.True);
    }

    [Test]
    public void The_error_says_what_was_awaited_and_what_failed_last()
    {
        _timer.Waiting("the rate limiter");
        Assert.That(
            _timer.Stalled(State).Message,
            Does.EndWith("The upload made no progress beyond byte 20 of 30 for 15 minutes. It was waiting for the rate limiter."));
        _timer.Connected();
        _timer.Failed(NoAnswer);
        BitsUploadStalledException stalled = _timer.Stalled(State);
        Assert.That(stalled.Message, Does.EndWith(" of 30 for 15 minutes. The last failure: no answer"));
        Assert.That(stalled.InnerException, Is.SameAs(NoAnswer));
        _timer.Waiting("a free connection");
        _timer.Failed(NoAnswer);
        Assert.That(_timer.Stalled(State).Message, Does.Not.Contain("waiting"), "it waits no more");
    }

    [Test]
    public void A_connection_that_comes_too_late_changes_nothing()
    {
        _timer.Waiting("a free connection");
        _time.Advance(Limit);
        _timer.Connected();
        Assert.That(_timer.Stalled(State).Message, Does.EndWith(" It was waiting for a free connection."));
    }

    [Test]
    public void The_error_of_a_reply_says_so()
    {
        UploadState due = State with { WantsReply = true, Session = State.Session! with { Offset = 30, Acknowledged = 30 } };
        Assert.That(
            _timer.Stalled(due).Message, Does.EndWith("The download of the reply made no progress for 15 minutes."));
    }
}
