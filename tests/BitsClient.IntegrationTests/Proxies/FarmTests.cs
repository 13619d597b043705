using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>
/// Uploads to two nodes behind nginx, which distributes requests round-robin. Each node sends its own host id, so that the packets of a
/// session go to the node that created it.
/// </summary>
public sealed class FarmTests
{
    private const string Path = "/upload/file.bin";

    private static readonly TimeSpan Fallback = TimeSpan.FromMinutes(1);

    // Until the proxy has started, connections are refused; the delays between the retries take no time.
    private static BitsUploadOptions Options => new()
    {
        FixedFragmentSize = 20_000,
        NoProgressTimeout = TimeSpan.FromDays(14),
        Retry = { MaxRetries = 100_000, MaxDelay = TimeSpan.FromSeconds(1) },
    };

    [Test]
    public async Task Each_upload_stays_on_the_node_that_created_its_session()
    {
        await using FarmRig rig = await FarmRig.StartAsync(Fallback, Options);
        byte[][] files = [.. Enumerable.Range(1, 6).Select(Bytes)];
        await Task.WhenAll(files.Select((file, i) => rig.UploadAsync(file, $"/upload/{i}.bin")));

        Assert.That(rig.Nodes.Select(node => node.Server.Sessions.Count), Is.All.Positive, "both nodes have sessions");
        for (int i = 0; i < files.Length; i++)
        {
            FarmNode node = rig.Nodes.Single(node => node.Server.HasFile($"/upload/{i}.bin"));
            Assert.That(node.Server.GetFile($"/upload/{i}.bin"), Is.EqualTo(files[i]));
        }

        foreach (FarmNode node in rig.Nodes)
        {
            int sessions = node.Server.Sessions.Count;
            Assert.That(node.Proxied.Select(Packet), Is.EqualTo(Enumerable.Repeat("Create-Session", sessions)));
            Assert.That(node.Direct.Select(Packet), Has.Exactly(sessions).EqualTo("Ping"));
            Assert.That(
                node.Direct.Select(SessionId).OfType<string>().Distinct(),
                Is.EquivalentTo(node.Server.Sessions.Select(session => session.Id)));
            Assert.That(node.Server.Dialogue.Select(exchange => exchange.Status), Is.All.EqualTo(200));
            node.Server.AssertNoViolations();
        }
    }

    [Test]
    public async Task When_a_node_dies_the_upload_moves_to_the_other_node_after_the_fallback_timeout()
    {
        await using FarmRig rig = await FarmRig.StartAsync(Fallback, Options);
        byte[] file = Bytes(1);
        BitsGate[] gates = [.. rig.Nodes.Select(node => node.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 3))];
        Task<BitsUploadResult> running = rig.UploadAsync(file, Path);
        int named = await Task.WhenAny(gates[0].Reached, gates[1].Reached) == gates[0].Reached ? 0 : 1;
        gates[1 - named].Release();
        (FarmNode dead, FarmNode other) = (rig.Nodes[named], rig.Nodes[1 - named]);
        DateTimeOffset died = rig.Time.GetUtcNow();
        await dead.KillAsync();
        BitsUploadResult result = await running;

        Assert.That(rig.Time.GetUtcNow() - died, Is.InRange(Fallback, Fallback + TimeSpan.FromSeconds(5)));
        Assert.That(other.Server.GetFile(Path), Is.EqualTo(file));
        Assert.That(other.Server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Closed));
        Assert.That(result.SessionId, Is.EqualTo(other.Server.Sessions.Single().Id));
        Assert.That(dead.Server.HasFile(Path), Is.False);

        // nginx forwards to the other node, which does not know the session. The client creates a new one, whose host id is that node.
        Assert.That(other.Proxied.Select(Packet), Is.EqualTo(new[] { "Fragment", "Create-Session" }));
        IEnumerable<string> fragments = Enumerable.Repeat("Fragment", file.Length / 20_000);
        Assert.That(other.Direct.Select(Packet), Is.EqualTo(fragments.Prepend("Ping").Append("Close-Session")));
        other.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_cancel_goes_directly_to_the_node_and_leaves_no_session()
    {
        await using FarmRig rig = await FarmRig.StartAsync(Fallback, Options);
        BitsGate[] gates = [.. rig.Nodes.Select(node => node.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 3))];
        await using IBitsUploadJob job = rig.CreateJob(Bytes(1), Path);
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(gates[0].Reached, gates[1].Reached);

        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Nodes.Sum(node => node.Direct.Count(exchange => Packet(exchange) is "Cancel-Session")), Is.EqualTo(1));
        Assert.That(rig.Nodes.SelectMany(node => node.Proxied).Select(Packet), Is.EqualTo(new[] { "Create-Session" }));
        Assert.That(rig.Nodes.Sum(node => node.Server.OpenSessionCount), Is.Zero);
    }

    private static byte[] Bytes(int seed)
    {
        byte[] bytes = new byte[200_000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string? Packet(BitsExchange exchange) => exchange.PacketType;

    private static string? SessionId(BitsExchange exchange) => exchange.RequestHeader("BITS-Session-Id");
}
