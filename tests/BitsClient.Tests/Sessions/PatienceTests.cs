using BitsClient.Sessions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>The time that failures may take, and what begins and ends it.</summary>
public sealed class PatienceTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _pause = new();
    private readonly Patience _patience;

    public PatienceTests() => _patience = new Patience(Limit, _time, _stop.Token, _pause.Token);

    public void Dispose()
    {
        _patience.Dispose();
        _stop.Dispose();
        _pause.Dispose();
    }

    [Test]
    public void The_time_runs_from_the_first_failure_on()
    {
        _time.Advance(Limit);
        _patience.Begin(NoAnswer);
        _time.Advance(Limit / 2);
        _patience.Begin(NoAnswer);
        _time.Advance((Limit / 2) - TimeSpan.FromTicks(1));
        Assert.That(_patience.IsOver, Is.False);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That((_patience.IsOver, _patience.Token.IsCancellationRequested), Is.EqualTo((true, true)));
    }

    [Test]
    public void Progress_within_a_request_ends_it_and_the_next_failure_begins_it_anew()
    {
        _patience.Begin(NoAnswer);
        _patience.Extend();
        _time.Advance(Limit * 2);
        Assert.That(_patience.IsOver, Is.False);
        _patience.Begin(NoAnswer);
        _time.Advance(Limit);
        Assert.That(_patience.IsOver, Is.True);
        _patience.Extend();
        Assert.That(_patience.IsOver, Is.True, "too late");
    }

    [Test]
    public void A_request_that_brought_progress_at_the_last_moment_makes_it_new()
    {
        _patience.Begin(NoAnswer);
        _time.Advance(Limit);
        CancellationToken over = _patience.Token;
        _patience.Renew();
        Assert.That((over.IsCancellationRequested, _patience.IsOver, _patience.Token.IsCancellationRequested), Is.EqualTo((true, false, false)));
        _patience.Begin(NoAnswer);
        _time.Advance(Limit);
        Assert.That(_patience.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void A_request_that_brought_progress_in_time_goes_on_with_the_same_token()
    {
        _patience.Begin(NoAnswer);
        CancellationToken token = _patience.Token;
        _patience.Renew();
        _time.Advance(Limit * 2);
        Assert.That((_patience.IsOver, _patience.Token), Is.EqualTo((false, token)));
    }

    [Test]
    public void A_stop_and_a_pause_are_thrown_each_as_its_own()
    {
        Assert.That(_patience.ThrowIfStoppedOrPaused, Throws.Nothing);
        _pause.Cancel();
        Assert.That(_patience.ThrowIfStoppedOrPaused, Throws.TypeOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(_pause.Token));
        _stop.Cancel();
        Assert.That(_patience.ThrowIfStoppedOrPaused, Throws.TypeOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(_stop.Token));
    }
}
