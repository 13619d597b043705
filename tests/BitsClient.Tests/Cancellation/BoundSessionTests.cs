using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>Some servers know a session only on the connection that created it, which a cancel therefore keeps if it can.</summary>
public sealed class BoundSessionTests
{
    [Test]
    public async Task C3_A_fragment_that_is_expected_to_end_within_a_second_ends_so_that_its_connection_can_cancel_the_session()
    {
        UploadRig? rig = null;
        Alteration tenthOfASecond = new((_, _) => rig!.Time.Advance(TimeSpan.FromMilliseconds(100)));
        rig = new UploadRig(
            new BitsTestServerOptions { BindsSessionsToConnections = true },
            new BitsUploadOptions { FixedFragmentSize = 1000 },
            tenthOfASecond);
        using UploadRig disposed = rig;
        rig.Time.GracePassesAtOnce = false;
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldBody(5, afterBytes: 500);
        await using IBitsUploadJob job = rig.Client.CreateJob(new ShortReads(rig.File, most: 100), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(1));
        gate.Release();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Fragment, Cancel-Session"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }
}
