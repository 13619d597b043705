using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>No outcome claims more than the server confirmed, and none hides why.</summary>
public sealed class OutcomeTests
{
    private static readonly BitsUploadOptions NoRetry = new() { FixedFragmentSize = 1000, Retry = new BitsRetryOptions { MaxRetries = 0 } };

    private static IEnumerable<TestCaseData> UnclearAnswers()
    {
        yield return new TestCaseData(new BitsFault.Answer(504) { Ack = false, AfterHandling = true }).SetArgDisplayNames("504");
        yield return new TestCaseData(new BitsFault.Answer(200) { Ack = false, AfterHandling = true })
            .SetArgDisplayNames("200 without Ack");
        yield return new TestCaseData(new BitsFault.Answer(200) { AfterHandling = true }).SetArgDisplayNames("ack without id");
        yield return new TestCaseData(new BitsFault.DropAfterHandling()).SetArgDisplayNames("no answer");
    }

    [Test]
    public async Task A_cancel_after_a_final_refusal_of_Close_Session_repeats_it_once()
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(2);
        rig.Server.InjectEvery(BitsPacketNames.CloseSession, new BitsFault.Answer(501));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(rig.SessionIdsOf(BitsPacketNames.CloseSession).Count(), Is.EqualTo(2));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [TestCaseSource(nameof(UnclearAnswers))]
    public async Task A_Create_Session_without_a_clear_answer_may_have_left_a_session(BitsFault fault)
    {
        using UploadRig rig = new(options: NoRetry);
        rig.Server.Inject(BitsPacketNames.CreateSession, fault);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.InstanceOf<BitsUploadException>());
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1), "the server did create one");
    }

    [TestCase(BitsServerDialect.McBup)]
    [TestCase(BitsServerDialect.Win32)]
    public async Task The_checkpoint_of_an_upload_that_failed_at_its_last_fragment_says_MayBeComplete(BitsServerDialect dialect)
    {
        using UploadRig rig = new(dialect, NoRetry);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 10);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.MayBeComplete, Is.True);
        Assert.That(await rig.Client.CancelSessionAsync(e.Checkpoint), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(rig.Server.HasFile("/upload/file.bin"), Is.EqualTo(dialect is BitsServerDialect.Win32));
    }

    [Test]
    public async Task A_new_session_does_not_hide_that_the_previous_one_may_have_stored_the_file()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        BitsGate second = rig.Server.HoldAck(BitsPacketNames.Fragment, 13);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await second.ReachedByAsync(running);
        await cancel.CancelAsync();
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(
            rig.Packets(),
            Does.EndWith("Fragment (aborted), Cancel-Session"),
            "the second session was canceled, and that was acknowledged");
        Assert.That(rig.Server.HasFile("/upload/file.bin"), Is.True, "the first session had stored it");
    }

    [Test]
    public async Task A_handler_that_retries_by_itself_does_not_hide_what_was_sent()
    {
        using UploadRig rig = new(BitsServerDialect.Win32, NoRetry, new SecondAttempt());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>());
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(rig.Server.HasFile("/upload/file.bin"), Is.True);
    }

    [Test]
    public async Task A_cancel_from_a_checkpoint_closes_a_session_whose_bytes_were_all_acknowledged()
    {
        using UploadRig rig = new(options: NoRetry, handlers: Interception.Of("Close-Session", HttpStatusCode.Forbidden, times: 1));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(await rig.Client.CancelSessionAsync(e.Checkpoint!), Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_retry_of_the_last_fragment_is_awaited_too()
    {
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, ResendPolicy = BitsResendPolicy.Resynchronize });
        using CancellationTokenSource cancel = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 10);
        BitsGate again = rig.Server.HoldBody(occurrence: 11, afterBytes: 500);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(5);
        await using IBitsUploadJob job = rig.Client.CreateJob(new ShortReads(rig.File, most: 100), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await again.ReachedByAsync(running);
        await cancel.CancelAsync();
        again.Release();
        await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_cancel_that_times_out_reports_the_last_server_error()
    {
        using UploadRig rig = new(handlers: Interception.Of("Cancel-Session", HttpStatusCode.ServiceUnavailable));
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(5);
        BitsUploadCanceledException e = await CancelInMidFile(rig, fragment: 4);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(
            e.InnerException,
            Is.TypeOf<BitsServerException>().With.Property("StatusCode").EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task A_cancel_whose_connection_broke_is_retried()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.DropBeforeBody());
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(5);
        BitsUploadCanceledException e = await CancelInMidFile(rig, fragment: 4);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_failed_Close_Session_is_reported_even_if_the_cancel_is_acknowledged()
    {
        using UploadRig rig = new(handlers: Interception.Of("Close-Session", HttpStatusCode.Forbidden));
        BitsUploadCanceledException e = await CancelInMidFile(rig, fragment: 10);
        Assert.That(e.InnerException, Is.TypeOf<BitsServerException>().With.Property("PacketType").EqualTo(BitsPacketType.CloseSession));
    }

    [Test]
    public async Task An_upload_that_the_cleanup_completes_does_not_fail()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnFailure = BitsSessionAction.CancelSession };
        using UploadRig rig = new(options: options, handlers: Interception.Of("Close-Session", HttpStatusCode.Forbidden, times: 1));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
    }

    [Test]
    public async Task After_a_failure_that_canceled_its_session_the_next_run_creates_another()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnFailure = BitsSessionAction.CancelSession };
        using UploadRig rig = new(options: options, handlers: Interception.Of("Fragment", HttpStatusCode.Forbidden, times: 1, after: 3));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Error));
        await job.RunAsync();
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
    }

    [Test]
    public async Task A_session_with_another_protocol_never_receives_a_byte()
    {
        using UploadRig rig = new(options: NoRetry);
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(200)
        {
            Headers = [new("BITS-Session-Id", "{1}"), new("BITS-Protocol", "{00000000-0000-0000-0000-000000000000}")],
        });
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsProtocolException>());
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsProtocolException>());
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Cancel-Session, Create-Session, Cancel-Session"));
    }

    [Test]
    public void The_text_of_a_checkpoint_shows_no_secrets()
    {
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = new Uri("http://user:pass@host/f?sig=secret"),
            SessionId = "{id}",
            BytesAcknowledged = 1,
            BytesTotal = 2,
        };
        Assert.That(checkpoint.ToString(), Is.EqualTo("BitsUploadCheckpoint { http://host/f, 1 of 2 bytes }"));
        BitsOtherSession other = new() { Url = checkpoint.Url, SessionId = "{id}" };
        Assert.That(other.ToString(), Is.EqualTo("BitsOtherSession { http://host/f }"));
    }

    private static async Task<BitsUploadCanceledException> CancelInMidFile(UploadRig rig, int fragment)
    {
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, fragment);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        gate.Release();
        return Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
    }

    // Behaves like a retrying handler whose second attempt finds no connection.
    private sealed class SecondAttempt : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            }
        }
    }

    [Test]
    public async Task An_unusable_session_can_still_be_canceled_after_an_outage()
    {
        bool isDown = false;
        int fragments = 0;
        Interception network = new(async request =>
        {
            if (request.Content is { } content && ++fragments == 2)
            {
                await content.CopyToAsync(Stream.Null);
                isDown = true;
            }

            return isDown ? throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused.") : null;
        });
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, ResendPolicy = BitsResendPolicy.NewSession }, handlers: network);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That((e.PacketType, e.Checkpoint!.SessionId), Is.EqualTo((BitsPacketType.CancelSession, rig.Server.Sessions.Single().Id)));

        isDown = false;
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task An_unusable_session_whose_end_gets_no_answer_after_a_success_logs_a_warning()
    {
        using UploadRig rig = WithUnusableSession();
        BitsGate atTheEnd = rig.Server.HoldRequest(BitsPacketNames.CancelSession, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await atTheEnd.ReachedByAsync(running);
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        await running;
        Assert.That(
            rig.Logs.Entries.Select(entry => entry.Text),
            Has.Exactly(2).Contains("that can no longer be used could not be canceled, and stays on the server until it expires"));
    }

    [Test]
    public async Task An_unusable_session_that_cannot_be_canceled_logs_a_warning_and_is_ended_by_a_later_cancel()
    {
        using UploadRig rig = WithUnusableSession();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 5);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>().With.Property("Checkpoint").Null);
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(
            rig.Logs.Entries.Select(entry => entry.Text),
            Has.Some.Contains(
                "that can no longer be used could not be canceled, and stays on the server until it expires: the server answered 403"));
    }

    // The third fragment ends the use of the first session, and the server refuses to cancel it.
    private static UploadRig WithUnusableSession()
    {
        UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416) { ErrorCode = "0x80070057" }, occurrence: 3);
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        return rig;
    }
}
