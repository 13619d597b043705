using BitsClient.Protocol;
using BitsClient.Transport;

namespace BitsClient.Tests.Transport;

/// <summary>The timer of a request may fire at any moment, also before the request is completely created.</summary>
public sealed class SilenceTimerTests
{
    [Test]
    public void A_timer_that_fires_while_the_request_is_created_ends_the_request()
    {
        RequestTimeouts timeouts = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        EagerTime time = new();
        using SilenceTimer silence = new(time);
        using RequestInFlight request = new(new BitsPacket.Ping(), timeouts, silence, time);
        Assert.That((request.Token.IsCancellationRequested, request.Silence), Is.EqualTo((true, (TimeSpan?)TimeSpan.FromSeconds(2))));
    }

    [Test]
    public void A_timer_that_fires_although_it_was_just_restarted_for_the_next_request_ends_none()
    {
        RequestTimeouts timeouts = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        LateTime time = new();
        using SilenceTimer silence = new(time);
        RequestInFlight first = new(new BitsPacket.Ping(), timeouts, silence, time);
        time.Pass(TimeSpan.FromSeconds(2));
        first.Dispose();
        time.Fire();
        using RequestInFlight next = new(new BitsPacket.Ping(), timeouts, silence, time);
        time.Fire();
        Assert.That((first.Silence, next.Silence), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
        time.Pass(TimeSpan.FromSeconds(2));
        time.Fire();
        Assert.That(next.Silence, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_request_that_has_ended_does_not_restart_the_timer_of_the_next_one()
    {
        RequestTimeouts timeouts = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        LateTime time = new();
        using SilenceTimer silence = new(time);
        RequestInFlight first = new(new BitsPacket.Fragment("id", "f.bin", 0, 10, 20), timeouts, silence, time);
        first.Dispose();
        using RequestInFlight next = new(new BitsPacket.Ping(), timeouts, silence, time);
        time.Pass(TimeSpan.FromSeconds(2));
        first.Wrote(5, left: 5);
        first.Received();
        first.Stop();
        time.Fire();
        Assert.That(next.Silence, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    /// <summary>A clock whose timers fire when they are created.</summary>
    private sealed class EagerTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _now += dueTime.Ticks;
            callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A clock with one timer, which fires when the test says so, no matter what it was set to.</summary>
    private sealed class LateTime : TimeProvider
    {
        private long _now;
        private Action _fire = () => { };

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Pass(TimeSpan time) => _now += time.Ticks;

        public void Fire() => _fire();
    }
}
