using BitsClient.Sessions;
using BitsClient.Testing;
using BitsClient.Tests.Sessions;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.Tests.Persistence;

/// <summary>A failed save is repeated after a later ack, even if only the offset changed.</summary>
public sealed class RepeatedSaveTests
{
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
        Assert.That(store.Calls.Distinct(), Is.EqualTo(new[] { "lock", "save 0", "save 1000" }));
        Assert.That(store.Only, Is.Not.Null.And.Property("BytesAcknowledged").EqualTo(1000), "the session can be resumed again");
        second.Release();
        await running;
    }

    [Test]
    public async Task A_repeated_save_is_awaited_and_no_other_one_for_the_offset_alone([Values] bool failedBefore)
    {
        bool fails = failedBefore;
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingStore store = new()
        {
            OnCall = call => call != "save 1000" ? hangs.Task : fails ? throw new IOException("The disk is full.") : Task.CompletedTask,
        };
        await using CheckpointKeeper keeper = new(store, Guid.NewGuid(), hash: null, new ManualTimeProvider(), NullLogger.Instance);
        await keeper.SaveAckedAsync(CheckpointKeeperTests.At(1000));
        Task saving = keeper.SaveAckedAsync(CheckpointKeeperTests.At(2000)).AsTask();
        Assert.That(saving.IsCompleted, Is.Not.EqualTo(failedBefore), "a save that is required at once precedes the next fragment");
        hangs.SetResult();
        await saving;
        await keeper.Done;

        Task next = keeper.SaveAckedAsync(CheckpointKeeperTests.At(3000)).AsTask();
        Assert.That(next.IsCompleted, Is.True, "once it succeeded, nothing waits anymore");
        await next;
    }

    private static UploadRig Rig(RecordingStore store) =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });
}
