using BitsClient.Protocol;
using BitsClient.Tests.Support;
using BitsClient.Transport;
using JobSuspension = BitsClient.Sessions.Suspension;

namespace BitsClient.Tests.Sessions;

/// <summary>Whether a suspension abandons the request in flight once its second to end has elapsed.</summary>
public sealed class SuspensionTests
{
    [TestCase(false, true)]
    [TestCase(true, false)]
    public async Task The_request_is_abandoned_unless_the_upload_was_resumed_meanwhile(bool isResumed, bool isAbandoned)
    {
        ManualTimeProvider time = new();
        using JobSuspension suspension = new(time);
        using SilenceTimer silence = new(time);
        using RequestInFlight request = new(new BitsPacket.Ping(), RequestTimeouts.From(new BitsUploadOptions()), silence, time);
        await suspension.WaitWhileSuspendedAsync(CancellationToken.None);
        using JobSuspension.Registration inFlight = suspension.Register(request);
        Task suspending = suspension.SuspendAsync();
        await time.WhenArmed(RequestInFlight.Grace);
        if (isResumed)
        {
            suspension.Resume();
        }

        time.Advance(RequestInFlight.Grace);
        suspension.LoopEnded();
        await suspending;
        Assert.That(request.IsAbandoned, Is.EqualTo(isAbandoned));
    }
}
