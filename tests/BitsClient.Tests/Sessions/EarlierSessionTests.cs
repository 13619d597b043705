using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>
/// What the store has while the sessions that an upload no longer uses are ended, and after that. The server first refuses to cancel the
/// one that was replaced.
/// </summary>
public sealed class EarlierSessionTests
{
    private readonly RecordingStore _store = new();

    [Test]
    public async Task S4_A_completed_upload_is_deleted_from_the_store_before_an_earlier_session_is_ended()
    {
        using UploadRig rig = WithEarlierSession();
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.CancelSession, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        BitsUploadCheckpoint? meanwhile = _store.Only;
        gate.Release();
        await running;
        Assert.That(meanwhile, Is.Null);
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task S1_After_a_failure_the_checkpoint_does_not_name_an_earlier_session_that_was_ended()
    {
        using UploadRig rig = WithEarlierSession();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.SessionIdsOf(BitsPacketNames.CancelSession), Is.EqualTo(Enumerable.Repeat(rig.Server.Sessions[0].Id, 2)));
        Assert.That(
            (_store.Only!.SessionId, _store.Only.OtherSessions.Count), Is.EqualTo(((string?)rig.Server.Sessions[1].Id, 0)));
    }

    // The third fragment ends the use of the first session.
    private UploadRig WithEarlierSession()
    {
        UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = _store });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416) { ErrorCode = "0x80070057" }, occurrence: 3);
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        return rig;
    }
}
