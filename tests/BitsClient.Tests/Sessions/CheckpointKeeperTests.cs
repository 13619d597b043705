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
        List<string> order = [];
        Alteration watch = new((request, _) => order.Add(request.Headers.GetValues("BITS-Packet-Type").Single()));
        using UploadRig rig = Rig(handlers: watch);
        _store.OnCall = call =>
        {
            order.Add(call);
            return Task.CompletedTask;
        };
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await job.RunAsync();
            Assert.That(_store.Only, Is.Null);
        }

        // A save covers the fragment that is sent next, and more of them if they follow fast.
        Assert.That(
            string.Join(", ", order),
            Is.EqualTo(
                "lock, Create-Session, save 0, Fragment, save 1000, Fragment, Fragment, save 3000, Fragment, Fragment, Fragment, "
                + "save 6000, Fragment, Fragment, Fragment, save 9000 last, Fragment, save 10000 last, Close-Session, delete, unlock"));
    }

    [TestCase(50, "save 0, save 4000, save 9000")]
    [TestCase(100, "save 0, save 2000, save 4000, save 7000, save 9000")]
    [TestCase(250, "save 0, save 1000, save 2000, save 3000, save 4000, save 5000, save 6000, save 7000, save 8000, save 9000")]
    public async Task S1_It_is_saved_after_each_ack_but_at_most_every_250_milliseconds(int millisecondsPerAck, string saves)
    {
        ManualTimeProvider time = new();
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, time, NullLogger.Instance);
        for (int i = 0; i < 10; i++)
        {
            await keeper.SaveWhenDueAsync(At(i * 1000));
            await keeper.Done;
            time.Advance(TimeSpan.FromMilliseconds(millisecondsPerAck));
        }

        await keeper.Done;
        Assert.That(string.Join(", ", _store.Calls), Is.EqualTo(saves));
    }

    [Test]
    public async Task A_save_of_an_offset_that_hangs_delays_nothing_and_no_save_is_queued_behind_it()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CheckpointKeeper keeper = new(_store, Guid.NewGuid(), hash: null, time, NullLogger.Instance);
        await keeper.SaveWhenDueAsync(At(0));
        _store.OnCall = call => call == "save 1000" ? hangs.Task : Task.CompletedTask;
        for (int i = 1; i < 9; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await keeper.SaveWhenDueAsync(At(i * 1000));
        }

        hangs.SetResult();
        await keeper.Done;
        await keeper.SaveWhenDueAsync(At(9000));
        await keeper.Done;
        Assert.That(_store.Calls, Is.EqualTo(new[] { "save 0", "save 1000", "save 9000" }));
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
            Has.Length.GreaterThan(1).And.All.Contains("could not be saved").And.All.Contains("No space left on device"));
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

    internal static UploadState At(long offset) => new()
    {
        Url = UploadRig.Url,
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 10_000,
        Session = new OpenSession { Id = "id", Offset = offset },
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
