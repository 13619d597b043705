using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>
/// Which exception is the cause of a canceled upload. A request that the upload itself abandons, because it is stopped, is not reported as
/// a failure.
/// </summary>
public sealed class CancelCauseTests
{
    [TestCase(BitsSessionAction.CancelSession)]
    [TestCase(BitsSessionAction.KeepSession)]
    public async Task A_token_that_fires_during_a_fragment_leaves_no_inner_exception(BitsSessionAction action)
    {
        using UploadRig rig = Rig(action);
        using CancellationTokenSource stop = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await StopAtFragmentAsync(rig, job, 2, stop);
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.InnerException, Is.Null);
    }

    [Test]
    public async Task A_failure_of_the_last_fragment_whose_ack_a_stopped_upload_awaits_is_the_cause()
    {
        using UploadRig rig = Rig(BitsSessionAction.KeepSession);
        using CancellationTokenSource stop = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { AfterHandling = true }, occurrence: 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await StopAtFragmentAsync(rig, job, 10, stop);
        AssertRefused(running, 503);
    }

    [Test]
    public async Task Of_two_refusals_of_a_cancel_the_last_is_the_cause()
    {
        using UploadRig rig = Rig();
        using CancellationTokenSource stop = new();
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(2);
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(503));
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(502), occurrence: 2);
        BitsGate third = rig.Server.HoldRequest(BitsPacketNames.CancelSession, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await StopAtFragmentAsync(rig, job, 2, stop);
        await third.ReachedByAsync(running);
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        AssertRefused(running, 502);
    }

    [Test]
    public async Task The_refusal_of_a_cancel_is_the_cause_if_the_time_elapses_before_it_is_retried()
    {
        // Shorter than the delay before the retry.
        TimeSpan limit = TimeSpan.FromMilliseconds(100);
        using UploadRig rig = Rig(limit: limit);
        using CancellationTokenSource stop = new();
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(503));
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await StopAtFragmentAsync(rig, job, 2, stop);
        await Task.WhenAny(rig.Time.WhenArmed(TimeSpan.FromMilliseconds(250)), running);
        rig.Time.Advance(limit);
        AssertRefused(running, 503);
    }

    [Test]
    public async Task A_cancel_that_gets_no_answer_in_time_is_the_cause_itself()
    {
        using UploadRig rig = Rig();
        using CancellationTokenSource stop = new();
        BitsGate held = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await StopAtFragmentAsync(rig, job, 2, stop);
        await held.ReachedByAsync(running);
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(e.InnerException, Is.InstanceOf<OperationCanceledException>());
    }

    private static void AssertRefused(Task running, int status)
    {
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.InnerException, Is.TypeOf<BitsServerException>());
        Assert.That((int)((BitsServerException)e.InnerException!).StatusCode, Is.EqualTo(status));
    }

    // The token fires while the ack of this fragment is held, which is then released.
    private static async Task<Task<BitsUploadResult>> StopAtFragmentAsync(
        UploadRig rig, IBitsUploadJob job, int fragment, CancellationTokenSource stop)
    {
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.Fragment, fragment);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await held.ReachedByAsync(running);
        await stop.CancelAsync();
        held.Release();
        return running;
    }

    private static UploadRig Rig(BitsSessionAction action = BitsSessionAction.CancelSession, TimeSpan? limit = null)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnCancellation = action };
        options.CancelTimeout = limit ?? options.CancelTimeout;
        return new UploadRig(options: options);
    }
}
