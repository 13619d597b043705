using System.Net;
using System.Security.Authentication;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>
/// A server names another host for a session: the Ping there, the packets, and the fallback when the host is unreachable.
/// </summary>
public sealed class HostIdTests
{
    private static readonly string[] Fragments = ["node7 Fragment", "node7 Fragment", "node7 Fragment"];

    [TestCase("node7", "node7")]
    [TestCase("NODE7", "node7")]
    [TestCase("node7:8080", "node7:8080")]
    [TestCase("192.0.2.7", "192.0.2.7")]
    [TestCase("[2001:db8::7]", "[2001:db8::7]")]
    [TestCase("[2001:db8::7]:8080", "[2001:db8::7]:8080")]
    public async Task After_a_host_id_a_ping_and_then_all_packets_go_to_that_host(string hostId, string authority)
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = hostId });
        rig.Connect(authority, rig.Server);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();

        string[] expected = ["Ping", "Fragment", "Fragment", "Fragment", "Close-Session"];
        Assert.That(rig.Requests, Is.EqualTo(expected.Select(packet => $"{authority} {packet}").Prepend("bits.test Create-Session")));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(result.Url, Is.EqualTo(UploadRig.Url), "the host belongs to the session; the URL of the file does not change");
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task The_port_of_the_URL_is_kept_when_the_host_names_none()
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "node7" });
        rig.Connect("bits.test:8080", rig.Server);
        rig.Connect("node7:8080", rig.Server);
        await using IBitsUploadJob job = rig.CreateJob(new Uri("http://bits.test:8080/upload/file.bin"));
        await job.RunAsync();
        Assert.That(rig.Requests[1], Is.EqualTo("node7:8080 Ping"));
    }

    [Test]
    public async Task An_ignored_host_receives_nothing()
    {
        using FarmRig rig = new(
            new BitsTestServerOptions { HostId = "node7" }, new BitsUploadOptions { HostIdPolicy = BitsHostIdPolicy.Ignore });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session", "bits.test Fragment", "bits.test Close-Session" }));
    }

    [TestCase("evil.test", Description = "a host that the policy does not accept")]
    [TestCase("http://evil.test/")]
    [TestCase("evil.test/upload")]
    [TestCase("evil.test\\upload")]
    [TestCase("bits.test@evil.test")]
    [TestCase("evil.test:0")]
    public async Task A_refused_host_receives_nothing_and_the_session_can_be_canceled(string hostId)
    {
        BitsUploadOptions options = new() { HostIdPolicy = BitsHostIdPolicy.FollowIf(host => host != "evil.test") };
        using FarmRig rig = new(new BitsTestServerOptions { HostId = hostId }, options);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => job.RunAsync())!;
        Assert.That((e.Header, e.Value), Is.EqualTo(("BITS-Host-Id", hostId)));
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session", "bits.test Cancel-Session" }));
        Assert.That(e.Checkpoint, Is.Null, "nothing is left");
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task A_session_that_was_refused_and_could_not_be_canceled_is_in_the_checkpoint()
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "evil.test/" });
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => job.RunAsync())!;
        BitsOtherSession left = e.Checkpoint!.OtherSessions.Single();
        Assert.That(e.Checkpoint.SessionId, Is.Null);
        Assert.That((left.Url, left.SessionId), Is.EqualTo((job.Url, rig.Server.Sessions.Single().Id)));
        Assert.That(await rig.Client.CancelSessionAsync(e.Checkpoint), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_cancel_goes_to_the_named_host()
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "node7" });
        rig.Connect("node7", rig.Server);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Requests[^1], Is.EqualTo("node7 Cancel-Session"));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task A_cancel_from_a_checkpoint_goes_to_the_named_host_too()
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "Node7" });
        rig.Connect("node7", rig.Server);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Url!.Host, Is.EqualTo("node7"));
        Assert.That(e.Message, Does.Contain("Fragment to http://node7/upload/file.bin"));
        Assert.That((e.Checkpoint!.Url, e.Checkpoint.HostId), Is.EqualTo((UploadRig.Url, "Node7")), "both are unchanged");
        Assert.That(await rig.Client.CancelSessionAsync(e.Checkpoint), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Requests[^1], Is.EqualTo("node7 Cancel-Session"));
    }

    [TestCase("")]
    [TestCase("evil.test/upload")]
    [TestCase("user@evil.test")]
    public void A_checkpoint_with_an_invalid_host_is_refused(string hostId)
    {
        using FarmRig rig = new(new BitsTestServerOptions());
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            HostId = hostId,
            SessionId = "id",
            BytesAcknowledged = 1,
            BytesTotal = 2,
        };
        Assert.That(() => rig.Client.CancelSessionAsync(checkpoint), Throws.ArgumentException);
        Assert.That(rig.Requests, Is.Empty);
    }

    [Test]
    public async Task A_host_that_refuses_connections_is_left_after_its_timeout_for_the_URLs_own_in_the_same_session()
    {
        using FarmRig rig = Farm(TimeSpan.FromMinutes(10));
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Disconnect("node7");
        DateTimeOffset left = rig.Time.GetUtcNow();
        gate.Release();
        await running;

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(rig.Time.GetUtcNow() - left, Is.InRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11)));
        Assert.That(rig.Requests.Count(attempt => attempt == "node7 Fragment"), Is.GreaterThan(10), "far more than MaxRetries");
        Assert.That(rig.Requests.TakeLast(2), Is.EqualTo(new[] { "bits.test Fragment", "bits.test Close-Session" }));
    }

    private static IEnumerable<TestCaseData> Reasons()
    {
        yield return Case(
            new HttpRequestException(
                HttpRequestError.SecureConnectionError, "No TLS.", new AuthenticationException("The certificate is of another name.")));
        yield return Case(new HttpRequestException(HttpRequestError.NameResolutionError, "No such host."));
        yield return Case(new HttpRequestException(HttpRequestError.ProxyTunnelError, "The proxy refused."));
        yield return Case(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused."));

        static TestCaseData Case(HttpRequestException reason) => new TestCaseData(reason).SetArgDisplayNames($"{reason.HttpRequestError}");
    }

    [TestCaseSource(nameof(Reasons))]
    public async Task O4_A_host_is_left_whatever_the_reason_for_which_there_is_no_connection(HttpRequestException reason)
    {
        using FarmRig rig = Farm(TimeSpan.FromMinutes(10));
        rig.Disconnect("node7", reason: reason);
        await AssertIsLeftAfterTenMinutesAsync(rig);
    }

    [TestCase(HttpStatusCode.BadGateway, 0)]
    [TestCase(HttpStatusCode.GatewayTimeout, 0)]
    [TestCase(HttpStatusCode.BadGateway, 2, Description = "after the Ping and a fragment")]
    [TestCase(HttpStatusCode.BadGateway, 4, Description = "before Close-Session")]
    public async Task A_host_that_a_proxy_cannot_reach_is_left_too(HttpStatusCode status, int after)
    {
        Interception proxy = Proxy(status, _ => after-- <= 0);
        using FarmRig rig = Farm(TimeSpan.FromMinutes(10), options: null, proxy);
        await AssertIsLeftAfterTenMinutesAsync(rig);
    }

    [TestCase(HttpStatusCode.BadGateway, 1000, 600)]
    [TestCase(HttpStatusCode.BadGateway, 1000, 0)]
    [TestCase(HttpStatusCode.GatewayTimeout, 1000, 600)]
    [TestCase(HttpStatusCode.GatewayTimeout, 1000, 0)]
    [TestCase(HttpStatusCode.GatewayTimeout, 500, 600)]
    public async Task A_proxy_that_fails_for_large_fragments_only_uses_up_the_retries(
        HttpStatusCode status, int initialSize, int fallbackSeconds)
    {
        int large = 0;
        Interception proxy = Proxy(status, request => request.Content?.Headers.ContentLength == 1000 && ++large > 0);
        BitsUploadOptions options = new() { InitialFragmentSize = initialSize, MinFragmentSize = 10, MaxFragmentSize = 1000 };
        using FarmRig rig = Farm(TimeSpan.FromSeconds(fallbackSeconds), options, proxy);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Property("StatusCode").EqualTo(status));
        Assert.That(large, Is.InRange(1, 6), "the first, and MaxRetries");
    }

    [Test, Platform(Exclude = "Mono", Reason = "On .NET Framework, the server is not asked.")]
    public async Task A_502_that_refuses_a_question_is_about_the_size_of_the_fragment()
    {
        Interception proxy = new(request => Task.FromResult(request.Content?.Headers.ContentLength == 1000
            ? new HttpResponseMessage(HttpStatusCode.BadGateway) { RequestMessage = request }
            : null));
        BitsUploadOptions options = new() { InitialFragmentSize = 400, MinFragmentSize = 10, MaxFragmentSize = 1000, MinAskedLength = 10 };
        using FarmRig rig = Farm(TimeSpan.Zero, options, proxy);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Requests.Skip(1), Has.All.StartsWith("node7"));
    }

    [Test]
    public async Task A_second_502_for_a_large_fragment_is_about_its_size()
    {
        int large = 0;
        Interception proxy = Proxy(
            HttpStatusCode.BadGateway, request => request.Content?.Headers.ContentLength == 1000 && ++large > 0);
        BitsUploadOptions options = new() { InitialFragmentSize = 500, MinFragmentSize = 10, MaxFragmentSize = 1000 };
        using FarmRig rig = Farm(TimeSpan.FromMinutes(10), options, proxy);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(large, Is.EqualTo(2));
    }

    [Test]
    public async Task Without_a_fallback_the_retries_of_a_host_that_a_proxy_cannot_reach_are_counted()
    {
        using FarmRig rig = Farm(fallback: null, options: null, Proxy(HttpStatusCode.BadGateway, _ => true));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session" }));
    }

    [Test]
    public async Task O4_Without_a_fallback_a_certificate_that_is_not_accepted_ends_the_upload_at_once()
    {
        using FarmRig rig = Farm(fallback: null);
        rig.Disconnect("node7", reason: (HttpRequestException)Reasons().First().Arguments[0]!);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That((e.IsTransient, e.Message), Is.EqualTo(
            (false, "Ping to http://node7/upload/file.bin: there is no secure connection: The certificate is of another name.")));
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session", "node7 Ping" }));
    }

    [TestCase("")]
    [TestCase(" ")]
    public async Task An_empty_host_id_is_none(string hostId)
    {
        using FarmRig rig = new(new BitsTestServerOptions { HostId = hostId });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Requests, Has.None.Contains("Ping"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_host_that_is_silent_is_left_too()
    {
        using FarmRig rig = Farm(TimeSpan.Zero);
        rig.Disconnect("node7", silent: true);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(rig.Silence, running);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        await running;
        Assert.That(rig.Requests.Take(3), Is.EqualTo(new[] { "bits.test Create-Session", "node7 Ping", "bits.test Fragment" }));
    }

    [Test]
    public async Task A_host_that_answers_again_in_time_is_not_left()
    {
        using FarmRig rig = Farm(TimeSpan.FromMinutes(10));
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 2);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Requests.Count(attempt => attempt.StartsWith("bits.test", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Without_a_timeout_the_retries_are_counted_and_the_host_is_never_left()
    {
        using FarmRig rig = Farm(fallback: null);
        rig.Disconnect("node7");
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("Ping to http://node7/upload/file.bin").And.Contain("Connection refused"));
        Assert.That(rig.Requests, Is.EqualTo(Enumerable.Repeat("node7 Ping", 6).Prepend("bits.test Create-Session")));
    }

    [Test]
    public async Task NoProgressTimeout_ends_the_wait_for_a_longer_fallback_timeout()
    {
        using FarmRig rig = Farm(TimeSpan.FromDays(1));
        rig.Disconnect("node7");
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadStalledException e = Assert.ThrowsAsync<BitsUploadStalledException>(() => job.RunAsync())!;
        Assert.That(e.Url!.Host, Is.EqualTo("node7"));
        Assert.That(e.Checkpoint!.HostId, Is.EqualTo("node7"));
    }

    [Test]
    public async Task When_the_URLs_own_host_does_not_know_the_session_another_is_created()
    {
        using BitsTestServer node = new();
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "node7", HostIdFallbackTimeout = TimeSpan.Zero });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Connect("node7", rig.Server);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Disconnect("node7");
        rig.Connect("bits.test", node);
        gate.Release();
        await running;

        Assert.That(node.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(
            rig.Requests.Skip(2),
            Is.EqualTo(
                Fragments.Concat(
                [
                    "bits.test Fragment",
                    "bits.test Create-Session",
                    "bits.test Fragment",
                    "bits.test Fragment",
                    "bits.test Fragment",
                    "bits.test Close-Session",
                    "node7 Cancel-Session",
                ])));
    }

    [Test]
    public async Task Without_restarts_no_byte_is_sent_to_the_URLs_own_host_if_it_might_be_stored_twice()
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            ResendPolicy = BitsResendPolicy.NewSession,
            Retry = { MaxRestarts = 0 },
        };
        using FarmRig rig = Farm(fallback: TimeSpan.Zero, options);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Disconnect("node7");
        gate.Release();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => running)!;
        Assert.That(e.Message, Does.EndWith(
            "bytes that may have arrived must not be sent again, and MaxRestarts allows no other session."));
        Assert.That(rig.Requests, Has.None.EqualTo("bits.test Fragment"));
    }

    [Test]
    public async Task A_download_that_is_interrupted_does_not_count_against_the_host()
    {
        using FarmRig rig = new(
            new BitsTestServerOptions { HostId = "node7", HostIdFallbackTimeout = TimeSpan.Zero, Reply = _ => UploadRig.Bytes(3000) },
            handlers: Alteration.OfReplies(Alteration.Break(after: 1000)));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Connect("node7", rig.Server);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        await job.RunAsync();
        Assert.That(rig.Requests.Count(request => request.EndsWith("GET", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(rig.Requests[^1], Is.EqualTo("node7 Close-Session"));
    }

    [Test]
    public async Task A_source_that_cannot_be_read_does_not_count_against_the_host()
    {
        using FarmRig rig = Farm(fallback: TimeSpan.Zero);
        await using IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromStream(new StreamThatFailsOnce(rig.File, at: 1000)), UploadRig.Url);
        Assert.That(
            () => job.RunAsync(), Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Source));
        await job.RunAsync();
        Assert.That(
            rig.Requests.Where(request => request.StartsWith("bits.test", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "bits.test Create-Session" }));
    }

    [Test]
    public async Task A_failure_does_not_end_the_session_at_the_host_that_it_has_left()
    {
        using FarmRig rig = Farm(fallback: TimeSpan.Zero);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await RunUntilHostIsLeftAsync(rig, job);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => running)!;
        Assert.That(e.Url!.Host, Is.EqualTo("bits.test"), "the nodes of the farm share the session");
        Assert.That(rig.Requests, Has.None.Contains("Cancel-Session"));
        Assert.That((rig.Server.OpenSessionCount, e.Checkpoint!.SessionId), Is.EqualTo((1, rig.Server.Sessions.Single().Id)));
    }

    [Test]
    public async Task A_cancel_ends_the_session_there_too()
    {
        using FarmRig rig = Farm(fallback: TimeSpan.Zero);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await RunUntilHostIsLeftAsync(rig, job);
        Assert.That(() => running, Throws.TypeOf<BitsServerException>());
        rig.Connect("node7", rig.Server);
        await job.CancelAsync();
        Assert.That(
            rig.Requests.Where(request => request.EndsWith("Cancel-Session", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "bits.test Cancel-Session", "node7 Cancel-Session" }));
    }

    // The host disappears after its first fragment, and the URL's own refuses the next one.
    private static async Task<Task<BitsUploadResult>> RunUntilHostIsLeftAsync(FarmRig rig, IBitsUploadJob job)
    {
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Disconnect("node7");
        gate.Release();
        return running;
    }

    private static async Task AssertIsLeftAfterTenMinutesAsync(FarmRig rig)
    {
        DateTimeOffset start = rig.Time.GetUtcNow();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(rig.Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11)));
    }

    // Answers in the place of node7, after it has received all of the request.
    private static Interception Proxy(HttpStatusCode status, Func<HttpRequestMessage, bool> fails) => new(async request =>
    {
        if (request.RequestUri!.Host != "node7" || !fails(request))
        {
            return null;
        }

        await (request.Content?.CopyToAsync(Stream.Null) ?? Task.CompletedTask);
        return new HttpResponseMessage(status) { RequestMessage = request };
    });

    private static FarmRig Farm(TimeSpan? fallback, BitsUploadOptions? options = null, params DelegatingHandler[] handlers)
    {
        FarmRig rig = new(new BitsTestServerOptions { HostId = "node7", HostIdFallbackTimeout = fallback }, options, handlers);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Connect("node7", rig.Server);
        return rig;
    }
}
