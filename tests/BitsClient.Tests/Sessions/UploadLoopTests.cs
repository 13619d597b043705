using BitsClient.Testing;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>What the loop leaves behind when a stop ends it, or keeps it from beginning.</summary>
public sealed class UploadLoopTests
{
    [Test]
    public async Task A_stop_during_a_retry_delay_ends_the_status_TransientError()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.Zero });
        using CancellationTokenSource stop = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 3);
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(
            new ProgressHandler(report => (report.Status is BitsUploadStatus.TransientError ? waiting : null)?.TrySetResult()), stop.Token);
        await Task.WhenAny(waiting.Task, running);
        BitsUploadStatus before = job.Status;
        await stop.CancelAsync();
        await gate.ReachedByAsync(running);
        BitsUploadStatus after = job.Status;
        gate.Release();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That((before, after), Is.EqualTo((BitsUploadStatus.TransientError, BitsUploadStatus.Transferring)));
    }

    [Test]
    public async Task A_run_that_is_stopped_before_it_begins_does_not_give_up_a_session_with_bytes_in_doubt()
    {
        using UploadRig rig = new(options: new BitsUploadOptions
        {
            OnCancellation = BitsSessionAction.KeepSession,
            ResendPolicy = BitsResendPolicy.NewSession,
        });
        BitsUploadCheckpoint inDoubt = States.Least with { BytesAcknowledged = 1000, BytesSentAtMost = 2000, BytesTotal = 10_000 };
        await using IBitsUploadJob job = rig.Client.ResumeJob(inDoubt, BitsUploadSource.FromMemory(rig.File));
        Assert.That(
            () => job.RunAsync(cancellationToken: new CancellationToken(canceled: true)), Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(job.Checkpoint!.NeedsNewSession, Is.False);
        Assert.That(rig.Logs.Entries.Select(entry => entry.Text), Has.None.Contains("starts over"));
    }
}
