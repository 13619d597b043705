using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Suspension;

/// <summary>
/// C9: with OnCancellation set to KeepSession, a token stops the upload and keeps the session, as for a host that shuts down.
/// </summary>
public sealed class KeepSessionTests
{
    [Test]
    public async Task C9_A_token_that_keeps_the_session_stops_the_upload_and_another_job_resumes_it()
    {
        using UploadRig rig = Rig();
        BitsUploadCanceledException e = await StopAt(rig, rig.Server.HoldBody(3, 500));
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionKept));
        Assert.That(e.Checkpoint!.BytesAcknowledged, Is.EqualTo(2000));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment (aborted)"));

        await using IBitsUploadJob again = rig.Client.ResumeJob(e.Checkpoint!, BitsUploadSource.FromMemory(rig.File, "file.bin"));
        BitsUploadResult result = await again.RunAsync();
        Assert.That(result.SessionId, Is.EqualTo(e.Checkpoint!.SessionId));
        Assert.That(rig.Packets(), Does.StartWith("Create-Session, Fragment, Fragment, Fragment (aborted), Ping, Fragment, "));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task C9_CancelAsync_still_cancels_the_session()
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That((await StopAt(job, rig.Server.HoldBody(3, 500))).Outcome, Is.EqualTo(BitsCancelOutcome.SessionKept));
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task C9_The_ack_of_Create_Session_is_awaited_so_that_the_session_id_is_known()
    {
        using UploadRig rig = Rig();
        using CancellationTokenSource stop = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        await stop.CancelAsync();
        gate.Release();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That((e.Outcome, e.Checkpoint!.SessionId), Is.EqualTo((BitsCancelOutcome.SessionKept, rig.Server.Sessions.Single().Id)));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session"));
    }

    [Test]
    public async Task C9_A_complete_file_is_closed_by_the_job_that_resumes_it()
    {
        using UploadRig rig = Rig();
        BitsUploadCanceledException e = await StopAt(rig, rig.Server.HoldAck(BitsPacketNames.Fragment, 10), release: true);
        Assert.That(
            (e.Outcome, e.Checkpoint!.BytesAcknowledged, e.Checkpoint!.MayBeComplete),
            Is.EqualTo((BitsCancelOutcome.SessionKept, 10_000, true)));
        await using IBitsUploadJob again = rig.Client.ResumeJob(e.Checkpoint!, BitsUploadSource.FromMemory(rig.File, "file.bin"));
        await again.RunAsync();
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Ping, Close-Session"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task C9_The_same_job_can_be_run_again()
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        await StopAt(job, rig.Server.HoldBody(3, 500));
        await job.RunAsync();
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    private static async Task<BitsUploadCanceledException> StopAt(UploadRig rig, BitsGate gate, bool release = false)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        return await StopAt(job, gate, release);
    }

    private static async Task<BitsUploadCanceledException> StopAt(IBitsUploadJob job, BitsGate gate, bool release = false)
    {
        using CancellationTokenSource stop = new();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        await stop.CancelAsync();
        if (release)
        {
            gate.Release();
        }

        return Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
    }

    private static UploadRig Rig() => new(options: new BitsUploadOptions
    {
        OnCancellation = BitsSessionAction.KeepSession,
        MinFragmentSize = 10,
        InitialFragmentSize = 1000,
        MaxFragmentSize = 1000,
    });
}
