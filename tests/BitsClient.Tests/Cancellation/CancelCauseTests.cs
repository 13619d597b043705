using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>A request that the upload itself abandons, because it is stopped, is not reported as a failure.</summary>
public sealed class CancelCauseTests
{
    [TestCase(BitsCancellationAction.CancelSession)]
    [TestCase(BitsCancellationAction.KeepSession)]
    public async Task A_token_that_fires_during_a_fragment_leaves_no_inner_exception(BitsCancellationAction action)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FragmentSize = 1000, OnCancellation = action });
        using CancellationTokenSource cancel = new();
        await using BitsUploadJob job = rig.CreateJob();
        BitsGate held = rig.Server.HoldAck(BitsPacketTypes.Fragment, occurrence: 2);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await held.ReachedByAsync(running);
        await cancel.CancelAsync();

        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.InnerException, Is.Null);
    }
}
