using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>Uploads through real reverse proxies.</summary>
[TestFixture("nginx")]
[TestFixture("haproxy")]
public sealed class ProxyTests(string proxy)
{
    private const int MaxRetries = 1000;

    private readonly byte[] _file = new byte[1_000_000];

    // Until the proxy has started, connections are refused and retried.
    private static BitsUploadOptions Options => new()
    {
        FixedFragmentSize = 60 * 1024,
        ProgressInterval = TimeSpan.Zero,
        Retry = { MaxRetries = MaxRetries, BaseDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
    };

    [SetUp]
    public void FillFile() => new Random(1).NextBytes(_file);

    [Test]
    public async Task An_upload_succeeds_through_the_proxy()
    {
        await using ProxyRig rig = await ProxyRig.StartAsync(proxy, Options);
        await rig.UploadAsync(_file);
        Assert.That(rig.Server.GetFile(ProxyRig.Path), Is.EqualTo(_file));
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_cancel_during_an_upload_leaves_no_session()
    {
        await using ProxyRig rig = await ProxyRig.StartAsync(proxy, Options);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 5);
        using CancellationTokenSource cancel = new();
        Task<BitsUploadResult> running = rig.UploadAsync(_file, cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();

        BitsUploadCanceledException canceled = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        gate.Release();
        await rig.Server.WhenSettledAsync();
        Assert.That(canceled.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
    }

    [Test]
    public async Task An_upload_recovers_from_a_server_restart()
    {
        await using ProxyRig rig = await ProxyRig.StartAsync(proxy, Options);
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Fragment, occurrence: 5);
        FirstFailure failure = new();
        Task<BitsUploadResult> running = rig.UploadAsync(_file, failure);
        await gate.ReachedByAsync(running);
        await rig.StopHostAsync();
        await failure.Seen;
        await rig.StartHostAsync();

        BitsUploadResult result = await running;
        Assert.That(result.Retries, Is.Positive);
        Assert.That(rig.Server.GetFile(ProxyRig.Path), Is.EqualTo(_file));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Connections_that_are_closed_after_each_packet_make_no_difference()
    {
        string setting = proxy is "nginx" ? "keepalive_timeout 0;" : "option httpclose";
        await using ProxyRig rig = await ProxyRig.StartAsync(proxy, Options, setting);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.CloseConnection());
        BitsUploadResult result = await rig.UploadAsync(_file);
        Assert.That(result.BytesResent, Is.Zero);
        Assert.That(rig.Server.GetFile(ProxyRig.Path), Is.EqualTo(_file));
    }
}
