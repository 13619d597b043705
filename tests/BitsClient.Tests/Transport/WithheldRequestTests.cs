using BitsClient.Protocol;
using BitsClient.Tests.Support;
using BitsClient.Transport;

namespace BitsClient.Tests.Transport;

public sealed class WithheldRequestTests
{
    [Test]
    public void A_request_that_was_stopped_before_it_was_sent_never_is()
    {
        ManualTimeProvider time = new();
        using SilenceTimer silence = new(time);
        using RequestInFlight request = new(new BitsPacket.Ping(), RequestTimeouts.From(new BitsUploadOptions()), silence, time);
        request.Stop();
        OperationCanceledException e = Assert.Throws<OperationCanceledException>(() => request.HandOver(new HttpRequestMessage()))!;
        Assert.That(e.Message, Does.Contain("abandoned"));
        Assert.That((e.CancellationToken, request.Departure.WasHandedOver), Is.EqualTo((request.Token, false)));
        Assert.That(request.Token.IsCancellationRequested, Is.True);
    }
}
