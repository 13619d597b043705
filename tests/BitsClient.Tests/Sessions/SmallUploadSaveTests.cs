using System.Collections.Concurrent;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Sessions;

/// <summary>S1: A small file that is sent as one fragment is saved once, beside the fragment, as a file that may be complete.</summary>
public sealed class SmallUploadSaveTests
{
    private readonly RecordingStore _store = new();

    [Test]
    public async Task It_is_saved_once_while_the_fragment_is_sent_and_Close_Session_waits_for_that()
    {
        ConcurrentQueue<string> order = [];
        TaskCompletionSource acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Alteration watch = new((request, _) =>
        {
            string packet = Interception.TypeOf(request);
            order.Enqueue(packet);
            if (packet == BitsPacketNames.Fragment)
            {
                acknowledged.SetResult();
            }
        });
        using UploadRig rig = Rig(new BitsTestServerOptions(), watch);
        _store.OnCall = async call =>
        {
            if (call == "save 0 last")
            {
                await acknowledged.Task;
            }

            order.Enqueue(call);
        };
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await job.RunAsync();
        }

        Assert.That(
            order, Is.EqualTo(new[] { "lock", "Create-Session", "Fragment", "save 0 last", "Close-Session", "delete", "unlock" }));
    }

    [Test]
    public async Task Of_a_resumed_upload_the_store_may_say_less_so_it_is_saved_before_the_fragment()
    {
        ConcurrentQueue<string> order = [];
        using UploadRig rig = Rig(new BitsTestServerOptions(), new Alteration((request, _) => order.Enqueue(Interception.TypeOf(request))));
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        await _store.FirstSave;
        order.Clear();
        _store.OnCall = call =>
        {
            order.Enqueue(call);
            return Task.CompletedTask;
        };
        await using (IBitsUploadJob resumed = rig.Client.ResumeJob(_store.Only!, BitsUploadSource.FromMemory(rig.File)))
        {
            await resumed.RunAsync();
        }

        Assert.That(string.Join(", ", order), Does.Contain("Cancel-Session, Create-Session, save 0 last, Fragment"));
        gate.Release();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await killed.DisposeAsync();
    }

    [TestCase(BitsPacketNames.Fragment, true)]
    [TestCase(BitsPacketNames.Fragment, false)]
    [TestCase(BitsPacketNames.CloseSession, true)]
    [TestCase(BitsPacketNames.CloseSession, false)]
    public async Task After_a_crash_it_is_sent_again_in_a_session_of_its_own_and_nothing_is_stored_twice(string held, bool appends)
    {
        using UploadRig rig = Rig(new BitsTestServerOptions { AppendsAndEchoes = appends });
        BitsGate gate = rig.Server.HoldAck(held);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        await _store.FirstSave;
        BitsUploadCheckpoint saved = _store.Only!;
        Assert.That((saved.BytesAcknowledged, saved.BytesSentAtMost, saved.MayBeComplete), Is.EqualTo((0, 10_000, true)));

        await using (IBitsUploadJob resumed = rig.Client.ResumeJob(saved, BitsUploadSource.FromMemory(rig.File)))
        {
            await resumed.RunAsync();
            Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
            Assert.That(rig.SessionIdsOf(BitsPacketNames.CancelSession), Is.EqualTo(new[] { saved.SessionId }));
        }

        gate.Release();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await killed.DisposeAsync();
    }

    [Test]
    public async Task A_cancel_with_that_checkpoint_does_not_claim_that_nothing_was_stored()
    {
        using UploadRig rig = Rig(new BitsTestServerOptions());
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        await _store.FirstSave;
        Assert.That(await rig.Client.CancelSessionAsync(_store.Only!), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        gate.Release();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await killed.DisposeAsync();
    }

    [Test]
    public async Task If_that_save_fails_its_end_is_saved()
    {
        using UploadRig rig = Rig(new BitsTestServerOptions());
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        _store.OnCall = async call =>
        {
            if (call == "save 0 last")
            {
                await gate.Reached;
                throw new IOException("The disk is full.");
            }
        };
        rig.Logs.OnLog = level =>
        {
            // The fragment is acknowledged only after that.
            if (level is LogLevel.Warning)
            {
                gate.Release();
            }
        };
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(_store.Saves, Is.EqualTo(new[] { "save 0 last", "save 10000 last" }));
    }

    [Test]
    public async Task If_the_server_has_only_a_part_of_it_what_follows_is_saved()
    {
        using UploadRig rig = Rig(new BitsTestServerOptions());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(4000));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(_store.Saves, Is.EqualTo(new[] { "save 0 last", "save 4000", "save 4000 last", "save 10000 last" }));
    }

    [Test]
    public async Task The_end_of_a_file_with_a_reply_is_saved()
    {
        BitsTestServerOptions server = new() { Reply = _ => new byte[10] };
        using FarmRig rig = new(server, new BitsUploadOptions { CheckpointStore = _store });
        using MemoryStream reply = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(reply, leaveOpen: true));
        await job.RunAsync();
        Assert.That(_store.Saves, Does.Contain("save 0").And.Contain("save 3000 last"));
    }

    [Test]
    public async Task A_large_file_is_saved_before_and_after_its_only_fragment()
    {
        using UploadRig rig = new(options: new BitsUploadOptions
        {
            CheckpointStore = _store,
            FixedFragmentSize = 4 * 1024 * 1024,
        });
        byte[] large = UploadRig.Bytes((1024 * 1024) + 1);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(large), UploadRig.Url);
        await job.RunAsync();
        Assert.That(_store.Saves, Is.EqualTo(new[] { "save 0", "save 0 last", $"save {large.Length} last" }));
    }

    private UploadRig Rig(BitsTestServerOptions server, params DelegatingHandler[] handlers) =>
        new(server, new BitsUploadOptions { CheckpointStore = _store }, handlers) { Time = { PassesAtOnce = TimeSpan.FromMinutes(1) } };
}
