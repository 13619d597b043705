using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Whole uploads that recover from one failure each, with every byte in place.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class RecoveredUploadTests(BitsServerDialect dialect)
{
    [Test]
    public async Task A_busy_server_is_retried_after_a_delay()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(503) { Ack = false });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(500), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(502) { Ack = false });
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(3));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [TestCase(HttpRequestError.NameResolutionError)]
    [TestCase(HttpRequestError.ConnectionError)]
    [TestCase(HttpRequestError.ResponseEnded)]
    public async Task An_unreachable_server_is_retried(HttpRequestError error)
    {
        int requests = 0;
        Interception outage = new(_ => ++requests is 1 or 4 or 5 or 15
            ? throw new HttpRequestException(error, "No such host.")
            : Task.FromResult<HttpResponseMessage?>(null));
        using UploadRig rig = new(dialect, Options(), outage);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(4), "one for Create-Session, two for a fragment, one for Close-Session");
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_answer_that_never_ends_is_not_awaited()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(500) { Endless = true }, occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(1));
    }

    [Test]
    public async Task After_a_lost_ack_one_small_fragment_finds_the_offset()
    {
        using UploadRig rig = Rig(least: 10, BitsResendPolicy.Resynchronize);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(
            Lengths(rig).Skip(2).Take(4),
            Is.EqualTo(new[] { 1000, 10, 500, 1000 }),
            "the lost fragment, a small one, half as much, and so on");
        Assert.That(result.BytesResent, Is.EqualTo(10), "the server had the lost fragment and reported it");
    }

    [Test]
    public async Task An_interrupted_fragment_is_sent_again_from_the_servers_offset()
    {
        using UploadRig rig = Rig(least: 10, BitsResendPolicy.Resynchronize);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.BytesResent, Is.InRange(600, 1000));
    }

    [Test]
    public async Task A_416_without_an_offset_leads_to_a_new_session_and_cancels_the_old_one()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416) { ErrorCode = "0x80070057" }, occurrence: 3);
        await Complete(rig);
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
    }

    [Test]
    public async Task An_offset_in_a_misspelled_header_is_used()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(300), occurrence: 3);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.MisspelledContentRange());
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.BytesResent, Is.EqualTo(700));
    }

    [TestCase(413)]
    [TestCase(404)]
    public async Task Fragments_that_are_too_large_shrink_and_the_next_upload_to_that_host_keeps_the_limit(int status)
    {
        int most = 1100;
        Interception filter = new(request => Task.FromResult(request.Content?.Headers.ContentLength > most
            ? new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request }
            : null));
        BitsUploadOptions options = new() { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 4000 };
        using UploadRig rig = new(dialect, options, filter);
        await Complete(rig);
        Assert.That(Lengths(rig), Has.Some.EqualTo(1000), "a fragment of 2000 bytes did not pass, half of it did");
        await using IBitsUploadJob next = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(rig.File), new Uri("http://bits.test/upload/next.bin"));
        BitsUploadResult result = await next.RunAsync();
        Assert.That(result.Retries, Is.Zero, "the limit was remembered");
    }

    [Test]
    public async Task A_connection_that_breaks_on_large_fragments_shrinks_them_too()
    {
        int tooBig = 0;
        Interception filter = new(async request =>
        {
            if (request.Content?.Headers.ContentLength is not > 1100)
            {
                return null;
            }

            tooBig++;
            await request.Content.CopyToAsync(Stream.Null);
            throw new HttpRequestException("An error occurred while sending the request.", new IOException("Connection reset by peer."));
        });
        BitsUploadOptions options = new() { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 4000 };
        using UploadRig rig = new(dialect, options, filter);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        await Complete(rig);
        Assert.That(Lengths(rig), Is.All.LessThanOrEqualTo(1100));
        int lost = tooBig;
        await Complete(rig);
        Assert.That(tooBig, Is.EqualTo(lost), "the next upload to that host keeps the limit");
    }

    [Test]
    public async Task A_lost_session_is_replaced_from_the_first_byte_and_progress_numbers_the_new_one()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 6);
        List<BitsUploadProgress> reports = [];
        BitsUploadResult result = await Complete(rig, new ProgressHandler(reports.Add));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(result.BytesResent, Is.EqualTo(6000), "five acknowledged fragments and the one that was lost with the session");
        Assert.That(reports.GroupBy(report => report.Session).Select(session => session.Key), Is.EqualTo(new[] { 1, 2 }));
        foreach (IGrouping<int, BitsUploadProgress> session in reports.GroupBy(report => report.Session))
        {
            Assert.That(session.Select(report => report.BytesAcknowledged), Is.Ordered);
        }
    }

    [Test]
    public async Task An_upload_whose_session_is_lost_repeatedly_fails()
    {
        using UploadRig rig = Rig();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.LoseSession());
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.ErrorName, Is.EqualTo("BG_E_SESSION_NOT_FOUND"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(3), "the first session and two more");
    }

    [Test]
    public async Task After_a_lost_ack_of_Close_Session_the_upload_ends_with_the_file_stored()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        await Complete(rig);
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Closed));
    }

    [Test]
    public async Task When_Close_Session_fails_only_Close_Session_is_sent_again()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(503) { Ack = false });
        await Complete(rig);
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Close-Session, Close-Session"));
    }

    [Test]
    public async Task Failures_without_progress_end_after_MaxRetries_and_the_session_can_be_resumed()
    {
        using UploadRig rig = Rig();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(500));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.IsTransient, Is.True);
        Assert.That(
            rig.Server.Dialogue.Count(exchange => exchange.PacketType == "Fragment"),
            Is.EqualTo(6),
            "one attempt and five retries");
        rig.Server.ClearFaults();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Progress_resets_the_retry_count()
    {
        using UploadRig rig = Rig();
        int packet = 0;
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(500), () => packet++ % 5 != 4);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(40));
    }

    [Test]
    public async Task When_the_connection_gets_worse_fragments_that_passed_before_shrink_too()
    {
        int passed = 0;
        Interception line = new(async request =>
        {
            if (request.Content?.Headers.ContentLength is not > 300 || ++passed <= 3)
            {
                return null;
            }

            await request.Content.CopyToAsync(Stream.Null);
            throw new TaskCanceledException("The request timed out.", new TimeoutException("100 seconds have passed."));
        });
        BitsUploadOptions options = new() { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 1000 };
        using UploadRig rig = new(dialect, options, line);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        await Complete(rig);
        Assert.That(Lengths(rig), Has.Some.EqualTo(250), "a quarter of what passed before");
    }

    private static BitsUploadOptions Options(int least = 1000) =>
        new() { MinFragmentSize = least, InitialFragmentSize = 1000, MaxFragmentSize = 1000 };

    private static IEnumerable<int> Lengths(UploadRig rig) => rig.Server.Dialogue
        .Where(exchange => exchange.PacketType == "Fragment")
        .Select(exchange => int.Parse(exchange.RequestHeader("Content-Length")!, System.Globalization.CultureInfo.InvariantCulture));

    private static async Task<BitsUploadResult> Complete(UploadRig rig, IProgress<BitsUploadProgress>? progress = null)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync(progress);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        rig.Server.AssertNoViolations();
        return result;
    }

    // Delays pass at once.
    private UploadRig Rig(int least = 1000, BitsResendPolicy policy = BitsResendPolicy.Detect)
    {
        BitsUploadOptions options = Options(least);
        options.ResendPolicy = policy;
        UploadRig rig = new(dialect, options);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        return rig;
    }
}
