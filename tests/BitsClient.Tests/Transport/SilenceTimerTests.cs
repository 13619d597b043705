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
        using RequestInFlight request = new(new BitsPacket.Ping(), timeouts, new EagerTime());
        Assert.That((request.Token.IsCancellationRequested, request.Silence), Is.EqualTo((true, (TimeSpan?)TimeSpan.FromSeconds(2))));
    }

    /// <summary>A clock whose timers fire when they are created.</summary>
    private sealed class EagerTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
