using BitsClient.Queue.Worker;
using BitsClient.Tests.Support;

namespace BitsClient.Queue.Tests;

/// <summary>A lease ends by the clock of its process, before the database gives the upload to another one.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void A_lease_is_given_up_at_80_percent()
    {
        using Lease lease = new(Length, _time.GetTimestamp(), _time);
        _time.Advance(TimeSpan.FromSeconds(23.9));
        Assert.That(lease.IsHeld);
        Assert.That(lease.Lost.IsCancellationRequested, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(lease.IsHeld, Is.False);
        Assert.That(lease.Lost.IsCancellationRequested);
    }

    [Test]
    public void A_lease_is_as_old_as_the_question_that_brought_it()
    {
        long askedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(10));
        using Lease lease = new(Length, askedAt, _time);
        _time.Advance(TimeSpan.FromSeconds(13.9));
        Assert.That(lease.IsHeld);
        askedAt = _time.GetTimestamp();
        lease.Renew(askedAt);
        _time.Advance(TimeSpan.FromSeconds(23.9));
        Assert.That(lease.IsHeld);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(lease.Lost.IsCancellationRequested);
    }

    [Test]
    public void A_lease_that_was_lost_stays_lost()
    {
        using Lease lease = new(Length, _time.GetTimestamp(), _time);
        lease.Lose();
        lease.Renew(_time.GetTimestamp());
        Assert.That(lease.IsHeld, Is.False);
        Assert.That(lease.Lost.IsCancellationRequested);
    }

    [Test]
    public void A_process_that_was_stopped_knows_at_once_that_its_lease_is_over()
    {
        // No timer has run yet when the process continues.
        StoppedTimers time = new(_time);
        using Lease lease = new(Length, time.GetTimestamp(), time);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(lease.Lost.IsCancellationRequested, Is.False);
        Assert.That(lease.IsHeld, Is.False);
    }

    [Test]
    public void A_machine_that_has_slept_knows_it_by_the_other_clock()
    {
        SleptTimeProvider time = new(_time);
        using Lease lease = new(Length, time.GetTimestamp(), time);
        time.Slept = TimeSpan.FromSeconds(23.9);
        Assert.That(lease.IsHeld);
        time.Slept = TimeSpan.FromSeconds(24);
        Assert.That(lease.IsHeld, Is.False);
    }

    [Test]
    public void A_disposed_lease_is_neither_renewed_nor_lost()
    {
        Lease lease = new(Length, _time.GetTimestamp(), _time);
        lease.Dispose();
        lease.Renew(_time.GetTimestamp());
        lease.Lose();
        Assert.That(lease.IsHeld, Is.True);
    }

    private sealed class SleptTimeProvider(TimeProvider time) : TimeProvider
    {
        public TimeSpan Slept { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Slept;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class StoppedTimers(TimeProvider time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new ManualTimeProvider().CreateTimer(callback, state, dueTime, period);
    }
}
