using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>Each cancellation rule, C1 to C9, by itself.</summary>
public sealed class CancelRuleTests
{
    private static readonly TimeSpan CancelTimeout = new BitsUploadOptions().CancelTimeout;

    [Test]
    public async Task C1_A_token_that_fires_before_Create_Session_sends_nothing()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        CancellationToken fired = new(canceled: true);
        BitsUploadCanceledException e = await Canceled(job.RunAsync(cancellationToken: fired));
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(e.Checkpoint, Is.Null);
        Assert.That(e.CancellationToken, Is.EqualTo(fired));
        Assert.That(rig.Server.Dialogue, Is.Empty);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Canceled));
    }

    [Test]
    public async Task C2_A_Create_Session_in_flight_is_awaited_because_its_ack_carries_the_session_id()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session"), "it is not aborted");
        gate.Release();

        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Cancel-Session"));
        Assert.That(rig.SessionIdsOf("Cancel-Session").Single(), Is.EqualTo(rig.Server.Sessions.Single().Id));
    }

    [Test]
    public async Task C2_A_Create_Session_without_an_answer_is_abandoned_after_CancelTimeout_and_the_outcome_is_Unconfirmed()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        rig.Time.Advance(CancelTimeout);

        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(e.Checkpoint, Is.Null, "the session id is unknown");
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session (aborted)"));
    }

    [Test]
    public async Task C2_A_Create_Session_that_is_refused_leaves_nothing_to_cancel()
    {
        using CancellationTokenSource cancel = new();
        using UploadRig rig = new(handlers: Interception.Of("Create-Session", HttpStatusCode.Forbidden, adorn: _ => cancel.Cancel()));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCanceledException e = await Canceled(job.RunAsync(cancellationToken: cancel.Token));
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(e.InnerException, Is.TypeOf<BitsServerException>(), "the failure is not hidden");
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(10)]
    public async Task C3_A_fragment_in_flight_is_abandoned_at_once_and_Cancel_Session_follows(int fragment)
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldBody(fragment, afterBytes: 500);
        await using IBitsUploadJob job = rig.Client.CreateJob(new ShortReads(rig.File, most: 100), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(e.Checkpoint, Is.Null);
        Assert.That(rig.Packets(), Does.EndWith("Fragment (aborted), Cancel-Session"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C3_Cancel_Session_has_its_own_token_and_is_retried_on_transient_failures()
    {
        using UploadRig rig = new(handlers: Interception.Of("Cancel-Session", HttpStatusCode.ServiceUnavailable, times: 2));
        (Task<BitsUploadResult> running, IBitsUploadJob job) = await CancelInMidFile(rig);
        await using (job)
        {
            await rig.Time.WhenArmed(TimeSpan.FromMilliseconds(250));
            rig.Time.Advance(TimeSpan.FromMilliseconds(250));
            await rig.Time.WhenArmed(TimeSpan.FromMilliseconds(500));
            rig.Time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.That((await Canceled(running)).Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
            Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        }
    }

    [Test]
    public async Task C3_A_session_that_the_server_no_longer_knows_counts_as_canceled()
    {
        Interception unknown = Interception.Of(
            "Cancel-Session", HttpStatusCode.InternalServerError, adorn: answer => answer.Headers.Add("BITS-Error-Code", "0x8020001F"));
        using UploadRig rig = new(handlers: unknown);
        (Task<BitsUploadResult> running, IBitsUploadJob job) = await CancelInMidFile(rig);
        await using (job)
        {
            Assert.That((await Canceled(running)).Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        }
    }

    [TestCase(BitsServerDialect.McBup)]
    [TestCase(BitsServerDialect.Win32)]
    public async Task C4_After_the_last_byte_the_ack_decides_and_a_complete_file_is_not_canceled(BitsServerDialect dialect)
    {
        using UploadRig rig = new(dialect);
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        gate.Release();

        BitsUploadResult result = await running;
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Close-Session"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
    }

    [Test]
    public async Task C4_A_last_ack_that_reports_missing_bytes_is_followed_by_Cancel_Session()
    {
        using CancellationTokenSource cancel = new();
        Interception keptLess = new(async request =>
        {
            if (request.Content?.Headers.ContentRange?.From != 9000)
            {
                return null;
            }

            await request.Content.CopyToAsync(Stream.Null);
            await cancel.CancelAsync();
            HttpResponseMessage ack = new(HttpStatusCode.OK);
            ack.Headers.Add("BITS-Packet-Type", "Ack");
            ack.Headers.Add("BITS-Received-Content-Range", "9000");
            return ack;
        });
        using UploadRig rig = new(handlers: keptLess);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCanceledException e = await Canceled(job.RunAsync(cancellationToken: cancel.Token));
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C4_Without_the_last_ack_the_session_is_canceled_and_the_outcome_is_Unconfirmed()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        rig.Time.Advance(CancelTimeout);

        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(e.Checkpoint, Is.Null, "the server acked the cancel: there is nothing to try again");
        Assert.That(rig.Packets(), Does.EndWith("Fragment (aborted), Cancel-Session"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C5_During_Close_Session_its_ack_is_awaited_and_no_Cancel_Session_follows()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CloseSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        gate.Release();

        await running;
        Assert.That(rig.SessionIdsOf("Cancel-Session"), Is.Empty);
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task C5_A_failed_Close_Session_is_followed_by_Cancel_Session_and_the_outcome_is_Unconfirmed()
    {
        using CancellationTokenSource cancel = new();
        using UploadRig rig = new(handlers: Interception.Of("Close-Session", HttpStatusCode.Forbidden, adorn: _ => cancel.Cancel()));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCanceledException e = await Canceled(job.RunAsync(cancellationToken: cancel.Token));
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(e.InnerException, Is.TypeOf<BitsServerException>());
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C6_CancelAsync_before_a_run_sends_nothing_and_is_final()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That((await Canceled(job.RunAsync())).Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task C6_CancelAsync_while_running_ends_the_run_and_concurrent_calls_share_one_cancel()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        BitsCancelOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(job.CancelAsync)));

        Assert.That(outcomes, Is.All.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That((await Canceled(running)).Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.SessionIdsOf("Cancel-Session").Count(), Is.EqualTo(1));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled), "a later call returns the same outcome");
        Assert.That(rig.SessionIdsOf("Cancel-Session").Count(), Is.EqualTo(1));
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task C6_CancelAsync_after_a_failed_Close_Session_closes_the_complete_file()
    {
        using UploadRig rig = new(handlers: Interception.Of("Close-Session", HttpStatusCode.NotFound, times: 1));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException failure = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(failure.Checkpoint!.SessionId, Is.EqualTo(rig.Server.Sessions.Single().Id));
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Error));

        Assert.That(
            await job.CancelAsync(),
            Is.EqualTo(BitsCancelOutcome.AlreadyCompleted),
            "the server had every byte, so the session is closed");
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C6_CancelAsync_after_a_failure_in_mid_file_sends_Cancel_Session()
    {
        using UploadRig rig = new(handlers: Interception.Of("Fragment", HttpStatusCode.Forbidden, after: 3));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException failure = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(failure.Checkpoint!.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Cancel-Session"));
        Assert.That(job.Checkpoint, Is.Null);
    }

    [Test]
    public async Task C8_A_failed_cancel_is_Unconfirmed_and_carries_the_checkpoint_to_try_again()
    {
        using UploadRig rig = new(handlers: Interception.Of("Cancel-Session", HttpStatusCode.Forbidden, times: 2));
        (Task<BitsUploadResult> running, IBitsUploadJob job) = await CancelInMidFile(rig);
        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(e.InnerException, Is.TypeOf<BitsServerException>().With.Property("PacketType").EqualTo(BitsPacketType.CancelSession));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed), "it was tried again");
        await job.DisposeAsync();

        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(await rig.Client.CancelSessionAsync(e.Checkpoint!), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C8_A_Cancel_Session_without_an_answer_is_abandoned_after_CancelTimeout()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        (Task<BitsUploadResult> running, IBitsUploadJob job) = await CancelInMidFile(rig);
        await using (job)
        {
            await gate.ReachedByAsync(running);
            rig.Time.Advance(CancelTimeout);
            BitsUploadCanceledException e = await Canceled(running);
            Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
            Assert.That(e.Checkpoint, Is.Not.Null);
        }
    }

    [Test]
    public async Task C9_Disposing_a_running_job_stops_it_and_keeps_the_session()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        await job.DisposeAsync();

        BitsUploadCanceledException e = await Canceled(running);
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionKept));
        Assert.That(e.Checkpoint!.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(job.CancelAsync, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => job.RunAsync(), Throws.TypeOf<ObjectDisposedException>());
        await rig.Client.CancelSessionAsync(e.Checkpoint);
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_failure_cancels_the_session_when_OnFailure_says_so()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnFailure = BitsSessionAction.CancelSession };
        using UploadRig rig = new(options: options, handlers: Interception.Of("Fragment", HttpStatusCode.Forbidden, after: 3));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException failure = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(failure.Checkpoint, Is.Null);
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    private static async Task<BitsUploadCanceledException> Canceled(Task<BitsUploadResult> running)
    {
        try
        {
            await running;
        }
        catch (BitsUploadCanceledException e)
        {
            return e;
        }

        throw new AssertionException("The upload was not canceled.");
    }

    private static async Task<(Task<BitsUploadResult> Running, IBitsUploadJob Job)> CancelInMidFile(UploadRig rig)
    {
        CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        return (running, job);
    }
}
