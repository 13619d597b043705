using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>A request that the upload itself abandons, because it is stopped, is not reported as a failure.</summary>
public sealed class CancelCauseTests
{
    [TestCase(BitsSessionAction.CancelSession)]
    [TestCase(BitsSessionAction.KeepSession)]
    public async Task A_token_that_fires_during_a_fragment_leaves_no_inner_exception(BitsSessionAction action)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, OnCancellation = action });
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await held.ReachedByAsync(running);
        await cancel.CancelAsync();

        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.InnerException, Is.Null);
    }
}
