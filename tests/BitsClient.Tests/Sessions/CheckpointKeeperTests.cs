using System.Collections.Concurrent;
using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.Tests.Sessions;

/// <summary>
/// When the checkpoint of an upload is saved, and when it is deleted. Fragments have 1000 bytes; the clock stands still unless a test
/// moves it.
/// </summary>
public sealed class CheckpointKeeperTests
{
    private RecordingStore _store = null!;

    [SetUp]
    public void SetUp() => _store = new RecordingStore();

    [TearDown]
    public void TearDown() => Assert.That(_store.Overlapped, Is.False, "never two saves or deletions of one upload at once");

    [Test]
    public async Task S1_It_is_saved_when_the_session_exists_and_before_the_last_fragment_and_S4_deleted_when_all_is_done()
    {
        ConcurrentQueue<string> order = [];
        Alteration watch = new((request, _) => order.Enqueue(Interception.TypeOf(request)));
        using UploadRig rig = Rig(handlers: watch);
        _store.OnCall = call =>
        {
            order.Enqueue(call);
            return Task.CompletedTask;
        };
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await job.RunAsync();
            Assert.That(_store.Only, Is.Null);
        }

        // An offset alone is saved while the next fragment is sent.
        string[] offsets = [.. Enumerable.Range(1, 9).Select(i => $"save {i * 1000}")];
        string[] fragments = [.. Enumerable.Repeat("Fragment", 9)];
        Assert.That(
            order.Where(call => !offsets.Contains(call)),
            Is.EqualTo((string[])
            [
                "lock", "Create-Session", "save 0", .. fragments, "save 9000 last", "Fragment", "save 10000 last", "Close-Session",
                "delete", "unlock",
            ]));
        Assert.That(_store.Saves, Is.EqualTo((string[])["save 0", .. offsets, "save 9000 last", "save 10000 last"]));
    }

    [Test]
    public async Task S1_The_next_fragment_is_sent_while_an_offset_is_saved_and_the_one_after_it_waits()
    {
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        await keeper.SaveAckedAsync(At(1000));
        _store.OnCall = call => call == "save 2000" ? saved.Task : Task.CompletedTask;
        Assert.That(keeper.SaveAckedAsync(At(2000)).AsTask().IsCompleted, "the fragment of byte 2000 is sent meanwhile");
        Task behind = keeper.SaveAckedAsync(At(3000)).AsTask();
        Assert.That(behind.IsCompleted, Is.False, "the store is one fragment behind");
        saved.SetResult();
        await behind;
        await keeper.Done;
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 1000", "save 2000", "save 3000" }));
    }

    [Test]
    public async Task S1_The_first_acknowledged_bytes_are_saved_before_the_next_fragment_is_sent()
    {
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        await keeper.SaveAckedAsync(At(0));
        _store.OnCall = _ => saved.Task;
        Task first = keeper.SaveAckedAsync(At(1000)).AsTask();
        Assert.That(first.IsCompleted, Is.False, "without them, a crash would cost the session");
        saved.SetResult();
        await first;
    }

    [Test]
    public async Task A_save_of_an_offset_that_hangs_is_awaited_once_and_no_save_is_queued_behind_it()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CheckpointKeeper keeper = Keeper(time);
        await keeper.SaveAckedAsync(At(1000));
        _store.OnCall = call => call == "save 2000" ? hangs.Task : Task.CompletedTask;
        await keeper.SaveAckedAsync(At(2000));
        Task waiting = keeper.SaveAckedAsync(At(3000)).AsTask();
        await time.WhenArmed(StoreQueue.MaxWaitWhileUploading);
        time.Advance(StoreQueue.MaxWaitWhileUploading);
        await waiting;
        for (int i = 4; i < 9; i++)
        {
            Assert.That(keeper.SaveAckedAsync(At(i * 1000)).AsTask().IsCompleted);
        }

        hangs.SetResult();
        await keeper.Done;
        await keeper.SaveAckedAsync(At(9000));
        await keeper.Done;
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 1000", "save 2000", "save 9000" }));
    }

    [Test]
    public async Task S1_Only_a_checkpoint_that_is_saved_covers_what_is_sent()
    {
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.OnCall = call => call == "save 2000" ? saved.Task : Task.CompletedTask;
        await keeper.SaveAckedAsync(Sending(1000, 0));
        Assert.That(keeper.CoverAsync(Sending(1000, 2000)).AsTask().IsCompleted, "the first save covers it");
        Assert.That(_store.Saved[^1].BytesSentAtMost, Is.EqualTo(4000));
        await keeper.SaveAckedAsync(Sending(2000, 0));
        Task covered = keeper.CoverAsync(Sending(2000, 5000)).AsTask();
        Assert.That(covered.IsCompleted, Is.False, "the save that would cover it is not complete");
        saved.SetResult();
        await covered;
        Assert.That(_store.Saved[^1].BytesSentAtMost, Is.EqualTo(8000));
    }

    [Test]
    public async Task S1_An_exact_checkpoint_covers_nothing_even_while_it_waits_for_the_one_before_it()
    {
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await keeper.SaveAckedAsync(Sending(1000, 0));
        _store.OnCall = call => call == "save 2000" ? saved.Task : Task.CompletedTask;
        await keeper.SaveAckedAsync(Sending(2000, 0));
        Task exact = keeper.SaveAsync(Sending(2000, 0));
        Task covered = keeper.CoverAsync(Sending(2000, 3000)).AsTask();
        Assert.That(covered.IsCompleted, Is.False);
        saved.SetResult();
        await exact;
        await covered;
        Assert.That(_store.Saved.Select(checkpoint => checkpoint.BytesSentAtMost), Is.EqualTo(new[] { 4000, 5000, 0, 6000 }));
    }

    [Test]
    public async Task S4_A_save_after_the_session_has_ended_does_not_restore_the_checkpoint()
    {
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, new ManualTimeProvider(), NullLogger.Instance);
        await keeper.SaveAsync(At(1000));
        await keeper.SaveOrDeleteAsync(At(1000) with { Canceled = true });
        await keeper.SaveAsync(At(1000));
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 1000", "delete" }));
        await keeper.SaveAsync(At(0) with { Session = At(0).Session! with { Id = "another" } });
        Assert.That(_store.Only!.SessionId, Is.EqualTo("another"));
    }

    [Test]
    public async Task S1_A_session_with_the_id_of_one_that_has_ended_is_saved_too()
    {
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, new ManualTimeProvider(), NullLogger.Instance);
        await keeper.SaveOrDeleteAsync(At(1000) with { Canceled = true });
        await keeper.SaveAsync(At(0) with { Ledger = At(0).Ledger with { Replaced = 1 } });
        Assert.That(_store.Calls, Is.EqualTo(new[] { "delete", "save 0" }));
    }

    [Test]
    public async Task S1_The_run_after_a_deletion_saves_any_session()
    {
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, new ManualTimeProvider(), NullLogger.Instance);
        await keeper.SaveOrDeleteAsync(At(1000) with { Canceled = true });
        await keeper.LockAsync();
        await keeper.SaveAsync(At(1000));
        Assert.That(_store.Calls, Is.EqualTo(new[] { "delete", "lock", "save 1000" }));
    }

    [Test]
    public async Task S1_After_a_save_that_failed_the_one_before_it_covers_nothing()
    {
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        _store.OnCall = call => call == "save 2000" ? throw new IOException("No space left on device") : Task.CompletedTask;
        await keeper.SaveAckedAsync(Sending(1000, 0));
        await keeper.SaveAckedAsync(Sending(2000, 0));
        await keeper.Done;
        _store.OnCall = _ => Task.CompletedTask;
        await keeper.CoverAsync(Sending(2000, 3000));
        Assert.That(_store.Saves, Is.EqualTo(new[] { "save 1000", "save 2000", "save 2000" }));
    }

    [Test]
    public async Task S1_A_host_that_the_server_names_is_in_the_first_save()
    {
        using FarmRig rig = Farm(new BitsTestServerOptions { HostId = "node-2" });
        rig.Connect("node-2", rig.Server);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(_store.Calls[1], Is.EqualTo("save 0 node-2"));
    }

    [Test]
    public async Task S1_A_new_session_that_replaces_a_lost_one_is_saved_at_once()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 5);
        await RunAsync(rig);
        Assert.That(
            _store.Saved.Select(state => state.SessionId).Distinct(),
            Is.EqualTo(rig.Server.Sessions.Select(session => session.Id)));
    }

    [Test]
    public async Task S1_The_URL_of_a_reply_is_saved_before_the_reply_is_downloaded()
    {
        using FarmRig rig = Farm(new BitsTestServerOptions { Reply = _ => new byte[10] });
        using MemoryStream reply = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(reply, leaveOpen: true));
        await job.RunAsync();
        Assert.That(_store.Saved.SkipWhile(state => state.ReplyUrl is null), Has.Exactly(2).Items.And.All.Property("ReplyUrl").Not.Null);
        Assert.That(_store.Saved[^1].IsReplyReceived, Is.True);
        Assert.That(_store.Saved, Is.All.Property("ExpectsReply").True);
    }

    [Test]
    public async Task S1_The_last_offset_is_saved_when_the_upload_fails()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(_store.Calls[^1], Is.EqualTo("save 5000"));
        Assert.That(_store.Only, Is.EqualTo(job.Checkpoint));
    }

    [Test]
    public async Task S1_The_last_offset_is_saved_when_the_upload_is_suspended()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;
        Assert.That(_store.Calls[^1], Is.EqualTo("save 4000"));
        await job.ResumeAsync();
        await running;
        Assert.That(_store.Only, Is.Null);
    }

    [Test]
    public async Task S1_The_last_offset_is_saved_when_the_upload_is_stopped([Values] bool byToken)
    {
        using UploadRig rig = Rig(new BitsUploadOptions { FixedFragmentSize = 1000, OnCancellation = BitsSessionAction.KeepSession });
        using CancellationTokenSource stop = new();
        BitsGate gate = rig.Server.HoldBody(4, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        await (byToken ? stop.CancelAsync() : job.DisposeAsync().AsTask());
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionKept));
        Assert.That(_store.Calls.Last(call => call != "unlock"), Is.EqualTo("save 3000"));
        Assert.That(_store.Calls.Contains("unlock"), Is.Not.EqualTo(byToken), "the job holds the lock until it is disposed");
        Assert.That(_store.Only!.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(_store.Only, Is.EqualTo(job.Checkpoint), "it is exact");
    }

    [Test]
    public async Task S4_It_is_deleted_when_a_cancel_is_confirmed([Values] bool isLate)
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        if (isLate)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
            Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        }
        else
        {
            await CancelInMidFileAsync(rig, job, BitsCancelOutcome.SessionCanceled);
        }

        Assert.That(_store.Only, Is.Null);
        Assert.That(_store.Calls[^1], Is.EqualTo("delete"));
    }

    [Test]
    public async Task S4_It_is_deleted_when_a_job_that_never_ran_is_canceled()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
        await using (IBitsUploadJob failing = rig.CreateJob())
        {
            Assert.That(() => failing.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        await using IBitsUploadJob job = rig.Client.ResumeJob(_store.Only!, BitsUploadSource.FromMemory(rig.File));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(_store.Only, Is.Null);
    }

    [Test]
    public async Task S4_It_is_kept_when_a_cancel_is_not_confirmed_and_deleted_when_another_one_is()
    {
        using UploadRig rig = Rig();
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(2);
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await CancelInMidFileAsync(rig, job, BitsCancelOutcome.Unconfirmed);
        }

        Assert.That(_store.Calls, Does.Not.Contain("delete"));
        BitsUploadCheckpoint kept = _store.Only!;
        Assert.That(kept.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(await rig.Client.CancelSessionAsync(kept), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(_store.Only, Is.Not.Null);
        rig.Server.ClearFaults();
        Assert.That(await rig.Client.CancelSessionAsync(kept), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(_store.Only, Is.Null);
    }

    [Test]
    public async Task A_failed_save_is_logged_as_a_warning_and_the_upload_continues()
    {
        using UploadRig rig = Rig();
        _store.OnCall = call => call.StartsWith("save", StringComparison.Ordinal)
            ? throw new IOException("No space left on device")
            : Task.CompletedTask;
        await RunAsync(rig);
        Assert.That(
            Warnings(rig),
            Has.Length.EqualTo(2).And.All.Contains("could not be saved").And.All.Contains("No space left on device"),
            "the first of many, and the exact one before Close-Session");
    }

    [Test]
    public async Task A_save_that_fails_after_one_that_succeeded_is_logged_again()
    {
        using LogCollector logs = new();
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, new ManualTimeProvider(), logs.Logger);
        _store.OnCall = call => call == "save 2000" ? Task.CompletedTask : throw new IOException("No space left on device");
        for (int i = 0; i < 5; i++)
        {
            await keeper.SaveAckedAsync(At(i * 1000));
            await keeper.Done;
        }

        Assert.That(logs.Entries, Has.Exactly(2).Items, "the first of two, and the first of two more");
    }

    [Test]
    public async Task A_failed_delete_is_logged_as_a_warning_and_the_upload_succeeds()
    {
        using UploadRig rig = Rig();
        _store.OnCall = call => call == "delete" ? throw new IOException("Read-only file system") : Task.CompletedTask;
        await RunAsync(rig);
        Assert.That(
            Warnings(rig),
            Has.Length.EqualTo(1).And.All.Contains("could not be deleted").And.All.Contains("Read-only file system"));
    }

    [Test]
    public void A_failed_lock_fails_the_upload_before_any_packet()
    {
        using UploadRig rig = Rig();
        _store.OnCall = _ => throw new IOException("No space left on device");
        Assert.That(() => RunAsync(rig), Throws.TypeOf<IOException>().With.Message.EqualTo("No space left on device"));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_save_that_hangs_is_awaited_for_5_seconds_and_later_calls_of_the_store_wait_for_it()
    {
        using UploadRig rig = Rig();
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.OnCall = call =>
        {
            if (call != "save 0")
            {
                return Task.CompletedTask;
            }

            asked.TrySetResult();
            return hangs.Task;
        };
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await asked.Task;

        // The session, the last fragment, the end.
        for (int i = 0; i < 3; i++)
        {
            await rig.Time.WhenArmed(TimeSpan.FromSeconds(5));
            Assert.That(running.IsCompleted, Is.False);
            rig.Time.Advance(TimeSpan.FromSeconds(5));
        }

        await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(_store.Calls, Is.EqualTo(new[] { "lock", "save 0" }), "no other call overtakes it");
        Assert.That(Warnings(rig), Has.Length.EqualTo(3).And.All.Contains("did not respond within 00:00:05"));

        Task disposing = job.DisposeAsync().AsTask();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(5));
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        await disposing;
        Assert.That(_store.Calls, Does.Not.Contain("unlock"), "otherwise another process could save and be overwritten");

        TaskCompletionSource unlocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.OnCall = call =>
        {
            if (call == "unlock")
            {
                unlocked.SetResult();
            }

            return Task.CompletedTask;
        };
        hangs.SetResult();
        await unlocked.Task;
        Assert.That(_store.Calls, Is.EqualTo(new[] { "lock", "save 0", "save 10000 last", "delete", "unlock" }));
        Assert.That(_store.Only, Is.Null, "the late save does not restore the checkpoint");
    }

    [Test]
    public async Task A_lock_that_hangs_fails_the_upload_before_any_packet_and_is_released_if_it_comes_later()
    {
        using UploadRig rig = Rig();
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource unlocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.OnCall = call =>
        {
            if (call == "unlock")
            {
                unlocked.SetResult();
            }

            return call == "lock" ? hangs.Task : Task.CompletedTask;
        };
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(30));
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(() => running, Throws.TypeOf<IOException>().With.Message.Contains("did not lock").And.Message.Contains("30 seconds"));
        Assert.That(rig.Server.Dialogue, Is.Empty);
        hangs.SetResult();
        await unlocked.Task;
    }

    [Test, NonParallelizable]
    public async Task S3_Without_a_store_nothing_is_written()
    {
        using TemporaryFile place = new([1]);
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = place.Folder;
        try
        {
            using UploadRig rig = new();
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
            await using IBitsUploadJob job = rig.CreateJob();
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
            await job.RunAsync();
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }

        Assert.That(Directory.GetFileSystemEntries(place.Folder), Is.EqualTo(new[] { place.Path }));
    }

    [Test]
    public async Task S1_The_last_fragment_is_saved_as_such_each_time_it_is_sent()
    {
        await using CheckpointKeeper keeper = Keeper(new ManualTimeProvider());
        await keeper.CoverAsync(Sending(9000, 10_000));
        UploadState sent = Sending(9000, 0);
        await keeper.SaveAckedAsync(sent with { Session = sent.Session! with { HighestSent = 10_000 } });
        await keeper.CoverAsync(Sending(9000, 10_000));
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 9000 last", "save 9000", "save 9000 last" }));
    }

    [Test]
    public async Task A_store_that_fails_and_then_hangs_is_awaited_once()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CheckpointKeeper keeper = Keeper(time);
        await keeper.SaveAckedAsync(At(0));
        _store.OnCall = call => call == "save 1000" ? throw new IOException("The disk is full.") : hangs.Task;
        await keeper.SaveAckedAsync(At(1000));
        await keeper.Done;
        Task waiting = keeper.SaveAckedAsync(At(2000)).AsTask();
        await time.WhenArmed(StoreQueue.MaxWaitWhileUploading);
        time.Advance(StoreQueue.MaxWaitWhileUploading);
        await waiting;
        for (int i = 3; i < 9; i++)
        {
            Assert.That(keeper.SaveAckedAsync(At(i * 1000)).AsTask().IsCompleted);
        }

        hangs.SetResult();
        await keeper.Done;
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 0", "save 1000", "save 2000" }));
    }

    private CheckpointKeeper Keeper(ManualTimeProvider time) =>
        new(_store, Guid.NewGuid(), hash: null, time, NullLogger.Instance);

    private static UploadState Sending(long offset, long end) => At(offset) with
    {
        Session = At(offset).Session! with { SendingTo = end },
        Sizing = new FragmentSizing { Size = 1000 },
    };

    internal static UploadState At(long offset) => new()
    {
        Url = UploadRig.Url,
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 10_000,
        Session = new OpenSession { Id = "id", Offset = offset, Acknowledged = offset },
    };

    private static async Task RunAsync(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    private static async Task CancelInMidFileAsync(UploadRig rig, IBitsUploadJob job, BitsCancelOutcome expected)
    {
        BitsGate gate = rig.Server.HoldBody(4, 500);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(expected));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    private static string[] Warnings(UploadRig rig) =>
        [.. rig.Logs.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Text)];

    private FarmRig Farm(BitsTestServerOptions server) =>
        new(server, new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = _store });

    private UploadRig Rig(BitsUploadOptions? options = null, params DelegatingHandler[] handlers)
    {
        options ??= new BitsUploadOptions { FixedFragmentSize = 1000 };
        options.CheckpointStore = _store;
        return new UploadRig(options: options, handlers: handlers);
    }
}
