using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Sessions;

/// <summary>What becomes of the stored checkpoint, and of the job, where a run or a cancel does not end well.</summary>
public sealed class StoredCheckpointTests
{
    [Test]
    public async Task A_failure_that_cancels_the_session_deletes_it([Values] bool isConfirmed)
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store, BitsSessionAction.CancelSession);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        if (!isConfirmed)
        {
            rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        }

        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(store.Only, isConfirmed ? Is.Null : Is.EqualTo(e.Checkpoint).And.Property("BytesAcknowledged").EqualTo(2000));
        Assert.That(e.Checkpoint, isConfirmed ? Is.Null : Is.Not.Null);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Error));
    }

    [Test]
    public async Task A_cancel_of_a_job_that_ran_deletes_that_of_its_earlier_session()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 3);
        BitsGate gate = rig.Server.HoldBody(5, 500);
        int saves = 0;
        store.OnCall = call => call.StartsWith("save", StringComparison.Ordinal) && saves++ > 0
            ? throw new IOException("No space left on device")
            : Task.CompletedTask;
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(store.Only!.SessionId, Is.Not.EqualTo(job.SessionId), "the new session could not be saved");
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(store.Only, Is.Null);
    }

    [Test]
    public async Task A_cancel_from_a_checkpoint_leaves_it_without_the_lock()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        BitsUploadCheckpoint stored = store.Only!;
        store.OnCall = call => call == "lock" ? throw new IOException("The disk is on fire.") : Task.CompletedTask;
        Assert.That(await rig.Client.CancelSessionAsync(stored), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(store.Only, Is.EqualTo(stored), "another process may have replaced it");
        Assert.That(
            rig.Logs.Entries.Where(entry => entry.Level is LogLevel.Warning).Select(entry => entry.Text),
            Has.One.Contains("The disk is on fire."));
    }

    [Test]
    public async Task A_run_without_the_lock_leaves_the_job_failed_until_the_next_one()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        await using IBitsUploadJob job = rig.CreateJob();
        store.OnCall = _ => throw new IOException("The disk is on fire.");
        Assert.That(() => job.RunAsync(), Throws.TypeOf<IOException>());
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Error));
        store.OnCall = _ => Task.CompletedTask;
        await job.RunAsync();
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
    }

    private static UploadRig Rig(IBitsCheckpointStore store, BitsSessionAction onFailure = BitsSessionAction.KeepSession) =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store, OnFailure = onFailure });
}
