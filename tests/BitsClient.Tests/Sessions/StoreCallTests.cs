using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Sessions;

/// <summary>How the keeper of a checkpoint calls the store: when it asks, what it does with a failure, and how long it waits.</summary>
public sealed class StoreCallTests
{
    private static readonly BitsUploadCheckpoint Stored = States.Least with { Id = Guid.NewGuid(), SessionId = "stored" };

    [Test]
    public async Task Callers_that_take_the_lock_at_once_share_it()
    {
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingStore store = new() { OnCall = call => call == "lock" ? hangs.Task : Task.CompletedTask };
        await using CheckpointKeeper keeper = KeeperOf(store);
        Task first = keeper.LockAsync();
        Task second = keeper.LockAsync();
        hangs.SetResult();
        await Task.WhenAll(first, second);
        Assert.That(store.Calls, Is.EqualTo(new[] { "lock" }));
    }

    [Test]
    public async Task After_the_keeper_was_disposed_no_lock_is_taken()
    {
        RecordingStore store = new();
        CheckpointKeeper keeper = KeeperOf(store);
        await keeper.LockAsync();
        await keeper.DisposeAsync();
        Assert.That(() => keeper.LockAsync(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(store.Calls, Is.EqualTo(new[] { "lock", "unlock" }));
    }

    [Test]
    public async Task A_cancel_that_gets_no_lock_warns_and_goes_on()
    {
        LogCollector logs = new();
        RecordingStore store = new() { OnCall = _ => throw new IOException("The disk is on fire.") };
        await using CheckpointKeeper keeper = KeeperOf(store, logs: logs);
        await keeper.TryLockAsync();
        Assert.That(keeper.IsLocked, Is.False);
        Assert.That(WarningOf(logs), Does.Contain(Stored.Id.ToString()).And.Contain("The disk is on fire."));
    }

    [Test]
    public async Task A_lock_that_cannot_be_released_is_warned_of()
    {
        LogCollector logs = new();
        RecordingStore store = new();
        CheckpointKeeper keeper = KeeperOf(store, logs: logs);
        await keeper.LockAsync();
        store.OnCall = _ => throw new IOException("The disk is on fire.");
        await keeper.DisposeAsync();
        Assert.That(WarningOf(logs), Does.Contain(Stored.Id.ToString()).And.Contain("lock").And.Contain("The disk is on fire."));
    }

    [TestCase("stored", true)]
    [TestCase("another", false)]
    public async Task The_store_holds_a_checkpoint_if_the_session_is_the_same_and_the_lock_is_held(string sessionId, bool isHeld)
    {
        RecordingStore store = new();
        await store.SaveAsync(Stored);
        await using CheckpointKeeper keeper = KeeperOf(store);
        BitsUploadCheckpoint checkpoint = Stored with { SessionId = sessionId };
        Assert.That(await keeper.LoadSameAsync(checkpoint), Is.Null, "without the lock, another process may be saving");
        await keeper.LockAsync();
        Assert.That(await keeper.LoadSameAsync(checkpoint), isHeld ? Is.Not.Null : Is.Null);
    }

    [Test]
    public async Task Without_a_store_no_checkpoint_is_held()
    {
        await using CheckpointKeeper keeper = KeeperOf(store: null);
        await keeper.LockAsync();
        Assert.That(await keeper.LoadSameAsync(Stored), Is.Null);
    }

    [Test]
    public async Task A_resumed_upload_whose_session_was_replaced_is_refused()
    {
        RecordingStore store = new();
        await store.SaveAsync(Stored);
        await using CheckpointKeeper keeper = KeeperOf(store);
        await keeper.LoadLatestAsync(At("stored"), mustBeStored: true);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(
            () => keeper.LoadLatestAsync(At("older"), mustBeStored: false))!;
        Assert.That(e.Message, Does.Contain("resumed elsewhere").And.Contain("session"));
        Assert.That((e.Reason, e.Url, e.SessionId), Is.EqualTo((BitsFailureReason.Store, UploadRig.Url, "older")));
    }

    [Test]
    public async Task A_load_that_hangs_fails_with_the_time_that_it_had()
    {
        ManualTimeProvider time = new();
        using HangingStore store = new();
        await using CheckpointKeeper keeper = KeeperOf(store, time);
        Task loading = keeper.LoadLatestAsync(At("stored"), mustBeStored: true);
        await time.WhenArmed(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(
            () => loading,
            Throws.TypeOf<IOException>().With.Message.Contains(Stored.Id.ToString()).And.Message.Contains("5 seconds")
                .And.InnerException.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task What_was_closed_or_canceled_is_not_saved_as_an_offset([Values] bool isClosed)
    {
        ManualTimeProvider time = new();
        RecordingStore store = new();
        await using CheckpointKeeper keeper = KeeperOf(store, time);
        await keeper.SaveAckedAsync(At("stored"));
        time.Advance(TimeSpan.FromSeconds(1));
        await keeper.SaveAckedAsync(At("stored") with { Closed = isClosed, Canceled = !isClosed });
        await keeper.Done;
        Assert.That(store.Calls, Is.EqualTo(new[] { "save 0" }));
    }

    private static CheckpointKeeper KeeperOf(IBitsCheckpointStore? store, TimeProvider? time = null, LogCollector? logs = null) =>
        new(store, Stored.Id, hash: null, time ?? new ManualTimeProvider(), (logs ?? new LogCollector()).Logger);

    private static UploadState At(string sessionId) => new()
    {
        Url = UploadRig.Url,
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 10_000,
        Session = new OpenSession { Id = sessionId },
    };

    private static string WarningOf(LogCollector logs) => logs.Entries.Single(entry => entry.Level is LogLevel.Warning).Text;
}
