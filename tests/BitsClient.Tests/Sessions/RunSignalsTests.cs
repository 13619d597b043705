using BitsClient.Machine;
using BitsClient.Resilience;
using BitsClient.Sessions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>The signals that end the upload loop from outside, and how progress resets NoProgressTimeout.</summary>
public sealed class RunSignalsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };
    private static readonly UploadState State = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 30,
    };

    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _pause = new();
    private readonly RunSignals _signals;

    public RunSignalsTests() => _signals = new RunSignals(Limit, _time, () => false, _stop.Token, _pause.Token);

    public void Dispose()
    {
        _signals.Dispose();
        _stop.Dispose();
        _pause.Dispose();
    }

    [Test]
    public void A_packet_that_made_progress_only_just_in_time_starts_the_time_over()
    {
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        CancellationToken elapsed = _signals.Token;
        _signals.Progressed();
        Assert.That(
            (elapsed.IsCancellationRequested, _signals.IsInterrupted, _signals.Token.IsCancellationRequested),
            Is.EqualTo((true, false, false)));
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        Assert.That(_signals.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void A_packet_that_made_progress_in_time_leaves_the_token_as_it_is()
    {
        _signals.Failed(NoAnswer);
        CancellationToken token = _signals.Token;
        _signals.Progressed();
        _time.Advance(Limit * 2);
        Assert.That((_signals.IsInterrupted, _signals.Token), Is.EqualTo((false, token)));
    }

    [Test]
    public void A_time_that_elapsed_during_a_delay_leaves_one_more_attempt_whose_failure_is_the_last()
    {
        Assert.That(_signals.TryGrantLastAttempt(), Is.False, "the time has not elapsed");
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        Assert.That(_signals.TryGrantLastAttempt(), Is.True);
        Assert.That((_signals.IsInterrupted, _signals.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        _signals.Failed(new BitsUploadException("refused"));
        Assert.That(_signals.IsInterrupted, Is.False, "it is not a transient failure, which another packet may follow");
        _signals.Failed(NoAnswer);
        Assert.That(_signals.IsInterrupted, Is.True);
        Assert.That(_signals.TryGrantLastAttempt(), Is.False, "it was made");
    }

    [Test]
    public void After_progress_another_last_attempt_can_be_made()
    {
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        _signals.TryGrantLastAttempt();
        _signals.Progressed();
        _signals.Failed(NoAnswer);
        Assert.That(_signals.IsInterrupted, Is.False);
        _time.Advance(Limit);
        Assert.That(_signals.TryGrantLastAttempt(), Is.True);
    }

    [Test]
    public void When_the_time_starts_over_the_timer_that_has_elapsed_is_disposed([Values] bool byProgress)
    {
        WatchedTimers timers = new(_time);
        using RunSignals signals = new(Limit, timers, () => false, _stop.Token, _pause.Token);
        signals.Failed(NoAnswer);
        _time.Advance(Limit);
        if (byProgress)
        {
            signals.Progressed();
        }
        else
        {
            signals.TryGrantLastAttempt();
        }

        Assert.That(timers.Undisposed, Is.EqualTo(1), "only the new one");
    }

    [Test]
    public void An_upload_that_is_suspended_or_stopped_makes_no_last_attempt()
    {
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        _pause.Cancel();
        Assert.That(_signals.TryGrantLastAttempt(), Is.False);
        using RunSignals stopped = new(Limit, _time, () => false, _stop.Token, CancellationToken.None);
        stopped.Failed(NoAnswer);
        _time.Advance(Limit);
        _stop.Cancel();
        Assert.That(stopped.TryGrantLastAttempt(), Is.False);
    }

    [Test]
    public void A_suspension_or_a_stop_alone_interrupts_the_loop()
    {
        Assert.That(_signals.ThrowIfStoppedOrPaused, Throws.Nothing);
        _pause.Cancel();
        Assert.That((_signals.IsPaused, _signals.IsInterrupted), Is.EqualTo((true, true)));
        Assert.That(_signals.ThrowIfStoppedOrPaused, Throws.InstanceOf<OperationCanceledException>());
        using RunSignals stopped = new(Limit, _time, () => false, _stop.Token, CancellationToken.None);
        _stop.Cancel();
        Assert.That((stopped.IsStopped, stopped.IsInterrupted), Is.EqualTo((true, true)));
        Assert.That(stopped.ThrowIfStoppedOrPaused, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_wait_for_the_rate_limiter_counts_until_it_ends()
    {
        _signals.Limited(isWaiting: true);
        _time.Advance(Limit / 2);
        _signals.Limited(isWaiting: false);
        _time.Advance(Limit);
        Assert.That(_signals.IsInterrupted, Is.False);
        _signals.Limited(isWaiting: true);
        _time.Advance(Limit);
        Assert.That(_signals.EndOf(State).Failure!.Message, Does.EndWith(" It was waiting for the rate limiter."));
    }

    [Test]
    public void Each_signal_ends_the_loop_in_its_own_way_and_a_stop_counts_first()
    {
        Assert.That(_signals.IsInterrupted, Is.False);
        _signals.Failed(NoAnswer);
        _time.Advance(Limit);
        Assert.That(
            _signals.EndOf(State),
            Has.Property("Kind").EqualTo(RunEndKind.Stalled).And.Property("Failure").TypeOf<BitsUploadStalledException>());
        _pause.Cancel();
        Assert.That((_signals.IsInterrupted, _signals.EndOf(State)), Is.EqualTo((true, RunEnd.Paused)));
        _stop.Cancel();
        Assert.That((_signals.IsInterrupted, _signals.EndOf(State)), Is.EqualTo((true, RunEnd.Stopped())));
    }
}
