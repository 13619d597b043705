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
