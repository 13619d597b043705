using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Whole uploads that meet one failure each, and come through it with every byte in its place.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class ComeThroughTests(BitsServerDialect dialect)
{
    [Test]
    public async Task A_busy_server_is_asked_again_after_a_delay()
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
    public async Task A_server_that_cannot_be_reached_is_tried_again(HttpRequestError error)
    {
        int requests = 0;
        Interception outage = new(_ => ++requests is 1 or 4 or 5 or 15
            ? throw new HttpRequestException(error, "nobody there")
            : Task.FromResult<HttpResponseMessage?>(null));
        using UploadRig rig = new(dialect, Options(), outage);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(4), "one for Create-Session, two for a fragment, one for Close-Session");
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_answer_that_never_ends_is_not_waited_for()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(500) { Endless = true }, occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(1));
    }

    [Test]
    public async Task After_a_lost_ack_one_small_fragment_finds_the_offset()
    {
        using UploadRig rig = Rig(least: 10);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(Lengths(rig).Skip(2).Take(4), Is.EqualTo(new[] { 1000, 10, 500, 1000 }), "the lost one, the small one, half as much, and on");
        Assert.That(result.BytesResent, Is.EqualTo(10), "the server had the lost one: it told so");
    }

    [Test]
    public async Task A_fragment_that_broke_off_is_sent_again_from_where_the_server_is()
    {
        using UploadRig rig = Rig(least: 10);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.BytesResent, Is.InRange(600, 1000));
    }

    [Test]
    public async Task A_mismatch_that_tells_no_offset_ends_in_a_new_session_and_leaves_no_old_one()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416) { ErrorCode = "0x80070057" }, occurrence: 3);
        await Complete(rig);
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
    }

    [Test]
    public async Task An_offset_in_a_misspelt_header_counts()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(300), occurrence: 3);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.MisspelledContentRange());
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.BytesResent, Is.EqualTo(700));
    }

    [TestCase(413)]
    [TestCase(404)]
    public async Task Fragments_that_are_too_big_shrink_and_the_next_upload_to_that_host_knows(int status)
    {
        int most = 1100;
        Interception filter = new(request => Task.FromResult(
            request.Content?.Headers.ContentLength > most ? new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request } : null));
        BitsUploadOptions options = new() { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 4000 };
        using UploadRig rig = new(dialect, options, filter);
        await Complete(rig);
        Assert.That(Lengths(rig), Has.Some.EqualTo(1000), "2000 did not get through, half of it did");
        await using IBitsUploadJob next = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), new Uri("http://bits.test/upload/next.bin"));
        BitsUploadResult result = await next.RunAsync();
        Assert.That(result.Retries, Is.Zero, "the limit was learnt");
    }

    [Test]
    public async Task A_line_that_is_cut_whenever_a_fragment_is_big_shrinks_it_too()
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
        Assert.That(tooBig, Is.EqualTo(lost), "the next upload to that host knows");
    }

    [Test]
    public async Task A_lost_session_is_replaced_from_the_first_byte_on_and_progress_calls_it_another()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 6);
        List<BitsUploadProgress> reports = [];
        BitsUploadResult result = await Complete(rig, new Reports(reports));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(result.BytesResent, Is.Zero, "nothing was sent twice in one session");
        Assert.That(reports.GroupBy(report => report.Session).Select(session => session.Key), Is.EqualTo(new[] { 1, 2 }));
        foreach (IGrouping<int, BitsUploadProgress> session in reports.GroupBy(report => report.Session))
        {
            Assert.That(session.Select(report => report.BytesAcknowledged), Is.Ordered);
        }
    }

    [Test]
    public async Task A_session_that_is_lost_again_and_again_is_given_up()
    {
        using UploadRig rig = Rig();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.LoseSession());
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.ErrorName, Is.EqualTo("BG_E_SESSION_NOT_FOUND"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(3), "the first and two more");
    }

    [Test]
    public async Task A_lost_ack_of_Close_Session_ends_in_a_file_that_is_surely_there()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        await Complete(rig);
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Closed));
    }

    [Test]
    public async Task When_Close_Session_fails_it_alone_is_sent_again()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(503) { Ack = false });
        await Complete(rig);
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Close-Session, Close-Session"));
    }

    [Test]
    public async Task Failures_without_progress_end_after_so_many_retries_and_the_session_can_go_on()
    {
        using UploadRig rig = Rig();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(500));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.IsTransient, Is.True);
        Assert.That(rig.Server.Dialogue.Count(exchange => exchange.PacketType == "Fragment"), Is.EqualTo(6), "one and five retries");
        rig.Server.ClearFaults();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task With_a_failure_before_each_ack_progress_renews_the_patience()
    {
        using UploadRig rig = Rig();
        int packet = 0;
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(500), () => packet++ % 5 != 4);
        BitsUploadResult result = await Complete(rig);
        Assert.That(result.Retries, Is.EqualTo(40));
    }

    [Test]
    public async Task Where_the_line_gets_worse_fragments_that_it_carried_before_shrink_too()
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
        Assert.That(Lengths(rig), Has.Some.EqualTo(250), "half of half of what got through before");
    }

    private static BitsUploadOptions Options(int least = 1000) => new() { MinFragmentSize = least, InitialFragmentSize = 1000, MaxFragmentSize = 1000 };

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

    // Delays are over at once.
    private UploadRig Rig(int least = 1000)
    {
        UploadRig rig = new(dialect, Options(least));
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        return rig;
    }

    private sealed class Reports(List<BitsUploadProgress> reports) : IProgress<BitsUploadProgress>
    {
        public void Report(BitsUploadProgress value) => reports.Add(value);
    }
}
