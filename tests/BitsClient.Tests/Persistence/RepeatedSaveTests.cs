using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A failed save is repeated after a later ack, even if only the offset changed. A fragment takes 250 ms here.</summary>
public sealed class RepeatedSaveTests
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(5);

    [Test]
    public async Task The_next_ack_repeats_a_failed_save()
    {
        RecordingStore store = new()
        {
            OnCall = call => call != "save 0" ? Task.CompletedTask : throw new IOException("The disk is full."),
        };
        using UploadRig rig = Rig(store);
        BitsGate second = rig.Server.HoldRequest(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await second.ReachedByAsync(running);
        Assert.That(store.Calls, Is.EqualTo(new[] { "lock", "save 0", "save 1000" }));
        Assert.That(store.Only, Is.Not.Null.And.Property("BytesAcknowledged").EqualTo(1000), "the session can be resumed again");
        second.Release();
        await running;
    }

    [Test]
    public async Task The_upload_waits_for_a_repeated_save_and_for_no_other([Values] bool failedBefore)
    {
        bool? waited = null;
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        BitsGate second = rig.Server.HoldRequest(BitsPacketNames.Fragment, 2);
        second.Release();
        store.OnCall = async call =>
        {
            if (call == "save 0" && failedBefore)
            {
                throw new IOException("The disk is full.");
            }

            if (call == "save 1000")
            {
                // Either the upload starts a timeout for the store, or it continues.
                await Task.WhenAny(rig.Time.WhenArmed(LongestCall), second.Reached);
                waited = !second.Reached.IsCompleted;
            }
        };
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(waited, Is.EqualTo(failedBefore), "a save that is required at once precedes the next fragment");
    }

    [Test]
    public async Task After_a_repeated_save_succeeds_the_upload_no_longer_waits()
    {
        bool? waited = null;
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        BitsGate third = rig.Server.HoldRequest(BitsPacketNames.Fragment, 3);
        third.Release();
        store.OnCall = async call =>
        {
            if (call == "save 0")
            {
                throw new IOException("The disk is full.");
            }

            if (call == "save 2000")
            {
                await Task.WhenAny(rig.Time.WhenArmed(LongestCall), third.Reached);
                waited = !third.Reached.IsCompleted;
            }
        };
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(waited, Is.False);
    }

    private static UploadRig Rig(RecordingStore store)
    {
        UploadRig? rig = null;
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            CheckpointStore = store,
            PrepareRequest = (context, _) =>
            {
                if (context.PacketType is BitsPacketType.Fragment)
                {
                    rig!.Time.Advance(TimeSpan.FromMilliseconds(250));
                }

                return ValueTask.CompletedTask;
            },
        };
        return rig = new UploadRig(options: options);
    }
}
