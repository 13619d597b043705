using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>
/// SocketsHttpHandler by itself repeats a request without content if the server closes the connection in order. No packet is one.
/// </summary>
public sealed class GracefulCloseTests
{
    private static readonly BitsUploadOptions OneTry = new() { Retry = { MaxRetries = 0 }, CancelTimeout = TimeSpan.FromSeconds(2) };

    [Test]
    public async Task Create_Session_is_sent_once_and_its_session_is_not_denied()
    {
        await using SocketRig rig = await SocketRig.StartAsync(BitsServerDialect.McBup, OneTry);
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.CloseGracefully { AfterHandling = true });
        await using IBitsUploadJob job = rig.CreateJob([1, 2, 3], "upload/a.bin");
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Network));
        await rig.Server.WhenSettledAsync();
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
    }

    [Test]
    public async Task Every_other_packet_is_sent_once_as_well(
        [Values(BitsPacketNames.Fragment, BitsPacketNames.CloseSession, BitsPacketNames.CancelSession, BitsPacketNames.Ping)]
        string packetType)
    {
        await using SocketRig rig = await SocketRig.StartAsync(BitsServerDialect.McBup, OneTry);
        rig.Server.InjectEvery(packetType, new BitsFault.CloseGracefully());
        await using IBitsUploadJob job = rig.CreateJob([1, 2, 3], "upload/a.bin");
        switch (packetType)
        {
            case BitsPacketNames.Ping:
                Assert.That(() => rig.Client.PingAsync(job.Url), Throws.TypeOf<BitsUploadException>());
                break;
            case BitsPacketNames.CancelSession:
                rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));
                Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
                Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
                break;
            default:
                Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>());
                break;
        }

        await rig.Server.WhenSettledAsync();
        int sent = rig.Server.Dialogue.Count(exchange => exchange.PacketType == packetType);

        // A cancel repeats its packet by itself, after 250 ms at first and within two seconds: not four times at once for each.
        Assert.That(sent, packetType == BitsPacketNames.CancelSession ? Is.InRange(1, 5) : Is.EqualTo(1));
    }
}
