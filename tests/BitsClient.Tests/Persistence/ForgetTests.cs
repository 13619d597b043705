using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A checkpoint is deleted without asking a server.</summary>
public sealed class ForgetTests
{
    private static readonly BitsUploadCheckpoint Plain = States.Least with { Id = Guid.NewGuid() };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly BitsOtherSession Other = new() { Url = new Uri("http://node1.bits.test/f"), SessionId = "other" };

    [Test]
    public async Task S4_Nothing_is_sent_the_checkpoint_is_deleted_and_its_session_is_named()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        BitsUploadCheckpoint stored = store.Only!;
        int packets = rig.Server.Dialogue.Count;
        int calls = store.Calls.Count;
        IReadOnlyList<BitsOtherSession> left = await rig.Client.ForgetAsync(stored);
        Assert.That(left, Is.EqualTo(new[] { new BitsOtherSession { Url = stored.Url, SessionId = stored.SessionId } }));
        Assert.That(store.Only, Is.Null);
        Assert.That(store.Calls.Skip(calls), Is.EqualTo(new[] { "lock", "delete", "unlock" }));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_token_that_fires_before_the_deletion_deletes_nothing_and_a_later_one_is_too_late([Values] bool isInTime)
    {
        using CancellationTokenSource stop = new();
        RecordingStore store = new();
        await store.SaveAsync(Plain);
        store.OnCall = call => call == (isInTime ? "lock" : "delete") ? stop.CancelAsync() : Task.CompletedTask;
        using UploadRig rig = Rig(store);
        if (isInTime)
        {
            Assert.That(() => rig.Client.ForgetAsync(Plain, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        }
        else
        {
            Assert.That(await rig.Client.ForgetAsync(Plain, stop.Token), Has.Count.EqualTo(1));
        }

        Assert.That(store.Only is null, Is.Not.EqualTo(isInTime));
        Assert.That(store.Calls[^1], Is.EqualTo("unlock"));
    }

    [Test]
    public async Task A_store_that_hangs_is_given_up_after_30_seconds()
    {
        using HangingStore store = new();
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = store });
        Task armed = rig.Time.WhenArmed(TimeSpan.FromSeconds(30));
        Task<IReadOnlyList<BitsOtherSession>> forgetting = rig.Client.ForgetAsync(Plain);
        await armed;
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(() => forgetting, Throws.TypeOf<IOException>().With.Message.Contains($"{Plain.Id} within 30 seconds"));
    }

    [TestCase(false, "did not load the upload {0} within 30 seconds.")]
    [TestCase(true, "did not delete the upload {0}, which it may still do, within 30 seconds.")]
    public async Task A_store_that_hangs_later_is_given_up_with_what_it_was_asked_for(bool deletes, string message)
    {
        RecordingStore store = new();
        await store.SaveAsync(Plain);
        using UploadRig rig = Rig(store);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.OnCall = call => call switch
        {
            "lock" => PassAsync(),
            "delete" => HangAsync(),
            _ => Task.CompletedTask,
        };
        store.OnLoad = deletes ? PassAsync : HangAsync;
        Task<IReadOnlyList<BitsOtherSession>> forgetting = rig.Client.ForgetAsync(Plain);
        await Task.WhenAny(asked.Task, forgetting);
        await rig.Time.WhenArmed(Limit);
        rig.Time.Advance(Limit);
        Assert.That(
            () => forgetting,
            Throws.TypeOf<IOException>().With.Message.EqualTo($"The checkpoint store {string.Format(null, message, Plain.Id)}"));
        hangs.SetResult();

        Task HangAsync()
        {
            asked.SetResult();
            return hangs.Task;
        }

        // The timer of this call is not mistaken for that of the one that hangs, because it is due earlier.
        async Task PassAsync()
        {
            await rig.Time.WhenArmed(Limit);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Test]
    public async Task Its_session_is_named_at_its_host_and_the_other_sessions_follow()
    {
        using UploadRig rig = Rig(new RecordingStore());
        BitsUploadCheckpoint checkpoint = Plain with { HostId = "node7:8080", OtherSessions = [Other] };
        Assert.That(
            await rig.Client.ForgetAsync(checkpoint),
            Is.EqualTo(new[] { new BitsOtherSession { Url = new Uri("http://node7:8080/f"), SessionId = "id" }, Other }));
    }

    [Test]
    public async Task Without_a_session_of_its_own_only_the_others_are_named()
    {
        using UploadRig rig = Rig(new RecordingStore());
        BitsUploadCheckpoint checkpoint = Plain with { SessionId = null, OtherSessions = [Other] };
        Assert.That(await rig.Client.ForgetAsync(checkpoint), Is.EqualTo(new[] { Other }));
    }

    [Test]
    public async Task The_sessions_are_those_of_the_checkpoint_that_is_deleted()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        await store.SaveAsync(Plain with { SessionId = "later" });
        IReadOnlyList<BitsOtherSession> left = await rig.Client.ForgetAsync(Plain);
        Assert.That(left.Select(session => session.SessionId), Is.EqualTo(new[] { "later" }));
        Assert.That(store.Only, Is.Null);
    }

    [Test]
    public async Task S5_An_upload_that_runs_is_not_forgotten()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(Path.Combine(place.Folder, "uploads"));
        using UploadRig rig = Rig(store);
        await store.SaveAsync(Plain);
        await using (await store.LockAsync(Plain.Id))
        {
            Assert.That(() => rig.Client.ForgetAsync(Plain), Throws.TypeOf<BitsUploadLockedException>());
            Assert.That(await store.LoadAsync(Plain.Id), Is.Not.Null);
        }

        await rig.Client.ForgetAsync(Plain);
        await using IAsyncDisposable free = await store.LockAsync(Plain.Id);
        Assert.That(await store.LoadAsync(Plain.Id), Is.Null);
    }

    [Test]
    public async Task A_store_that_fails_to_delete_gets_its_lock_back()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        await store.SaveAsync(Plain);
        store.OnCall = call => call == "delete" ? throw new IOException("The disk is on fire.") : Task.CompletedTask;
        Assert.That(() => rig.Client.ForgetAsync(Plain), Throws.TypeOf<IOException>());
        Assert.That(store.Calls[^1], Is.EqualTo("unlock"));
        Assert.That(store.Only, Is.EqualTo(Plain));
    }

    [Test]
    public void Without_a_store_it_is_refused()
    {
        using UploadRig rig = new();
        Assert.That(
            () => rig.Client.ForgetAsync(Plain),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "There is no checkpoint to delete, because the client has no CheckpointStore."));
    }

    [Test]
    public void A_checkpoint_that_is_not_valid_is_refused()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(store);
        Assert.That(() => rig.Client.ForgetAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => rig.Client.ForgetAsync(Plain with { SessionId = null }), Throws.ArgumentException);
        Assert.That(store.Calls, Is.Empty);
    }

    private static UploadRig Rig(IBitsCheckpointStore store) =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });
}
