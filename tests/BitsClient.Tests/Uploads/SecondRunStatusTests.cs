using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>While a job runs again, its status describes this run, not the end of the previous one.</summary>
public sealed class SecondRunStatusTests
{
    [Test]
    public async Task The_status_of_a_run_after_a_failure_is_no_longer_Error()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Error));
        await AssertRunTransfersAsync(rig, job);
    }

    [Test]
    public async Task The_status_of_a_run_after_a_stop_that_kept_the_session_is_no_longer_Suspended()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnCancellation = BitsSessionAction.KeepSession };
        using UploadRig rig = new(options: options);
        using CancellationTokenSource stop = new();
        BitsGate gate = rig.Server.HoldBody(occurrence: 3, afterBytes: 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        await stop.CancelAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        await AssertRunTransfersAsync(rig, job);
    }

    private static async Task AssertRunTransfersAsync(UploadRig rig, IBitsUploadJob job)
    {
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Fragment);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Transferring), "during the second run");
        gate.Release();
        await running;
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
    }
}
