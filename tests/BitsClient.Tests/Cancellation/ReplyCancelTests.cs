using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>C4 and C5 in an upload-reply: after the last byte, only the reply can still be canceled.</summary>
public sealed class ReplyCancelTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(300_000);

    private readonly TemporaryFile _folder = new([]);

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public async Task C4_The_last_ack_is_awaited_and_Cancel_Session_follows([Values] BitsServerDialect dialect)
    {
        using FarmRig rig = new(new BitsTestServerOptions { Dialect = dialect, Reply = _ => Reply });
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = CreateJob(rig);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        gate.Release();
        await EndsAs(running, BitsCancelOutcome.ReplyCanceled);
        Assert.That(rig.Requests.TakeLast(2), Is.EqualTo(new[] { "bits.test Fragment", "bits.test Cancel-Session" }));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task C4_Without_the_last_ack_the_outcome_is_Unconfirmed()
    {
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => Reply });
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = CreateJob(rig);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        await EndsAs(running, BitsCancelOutcome.Unconfirmed);
        Assert.That(rig.Requests[^1], Is.EqualTo("bits.test Cancel-Session"));
    }

    [Test]
    public async Task C5_A_download_is_abandoned_and_leaves_no_file()
    {
        TaskCompletionSource silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FarmRig rig = new(
            new BitsTestServerOptions { Reply = _ => Reply }, handlers: Alteration.OfReplies(Alteration.Silence(after: 1000, silent)));
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = CreateJob(rig);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await silent.Task;
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.DownloadingReply));
        await cancel.CancelAsync();
        await EndsAs(running, BitsCancelOutcome.ReplyCanceled);
        Assert.That(rig.Requests[^1], Is.EqualTo("bits.test Cancel-Session"));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));
    }

    [Test]
    public async Task C5_A_cancel_after_the_reply_was_downloaded_is_too_late()
    {
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => Reply });
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.CloseSession);
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = CreateJob(rig);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        gate.Release();
        BitsUploadResult result = await running;
        Assert.That(await File.ReadAllBytesAsync(result.Reply!.Path!), Is.EqualTo(Reply));
        Assert.That(rig.Requests, Has.None.EndsWith("Cancel-Session"));
    }

    [Test]
    public async Task C6_After_a_failed_download_the_reply_is_canceled_by_the_job_or_from_its_checkpoint([Values] bool fromCheckpoint)
    {
        using FarmRig rig = new(
            new BitsTestServerOptions { Reply = _ => Reply },
            handlers: Alteration.OfReplies(response => response.StatusCode = System.Net.HttpStatusCode.NotFound));
        await using IBitsUploadJob job = CreateJob(rig);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        BitsCancelOutcome outcome = fromCheckpoint ? await rig.Client.CancelSessionAsync(e.Checkpoint!) : await job.CancelAsync();
        Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.ReplyCanceled));
        Assert.That(rig.Server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
    }

    private static async Task EndsAs(Task<BitsUploadResult> running, BitsCancelOutcome outcome)
    {
        try
        {
            await running;
            Assert.Fail("The upload was not canceled.");
        }
        catch (BitsUploadCanceledException e)
        {
            Assert.That(e.Outcome, Is.EqualTo(outcome));
        }
    }

    private IBitsUploadJob CreateJob(FarmRig rig) =>
        rig.CreateJob(reply: BitsReplyTarget.ToFile(Path.Combine(_folder.Folder, "reply.bin")));
}
