using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A saved checkpoint claims no more than is known, whatever failed before it was saved.</summary>
public sealed class SavedCheckpointTests
{
    private TemporaryFile _folder = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFile([1], "unused");
        _store = new BitsFileCheckpointStore(Path.Combine(_folder.Folder, "uploads"));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Changed_bytes_are_refused_by_the_next_process_too()
    {
        using UploadRig rig = Rig(options => options.ComputeSha256 = true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await Fail<BitsServerException>(rig.CreateJob());
        byte[] edited = [.. rig.File];
        edited[17]++;
        for (int i = 0; i < 2; i++)
        {
            BitsUploadCheckpoint checkpoint = await Stored();
            IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(edited, "file.bin"));
            Assert.That(job.Checkpoint!.Source, Is.EqualTo(checkpoint.Source), "the known hash is kept until it was compared");
            await Fail<BitsSourceChangedException>(job);
            Assert.That((await Stored()).Source, Is.EqualTo(checkpoint.Source));
        }

        await using IBitsUploadJob again = rig.Client.ResumeJob(await Stored(), BitsUploadSource.FromMemory(rig.File, "file.bin"));
        await again.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_checkpoint_can_be_read_after_its_job_was_disposed()
    {
        using UploadRig rig = Rig(options => options.ComputeSha256 = true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        IBitsUploadJob job = rig.CreateJob();
        await Fail<BitsServerException>(job);
        Assert.That(job.Checkpoint!.Source, Is.EqualTo((await Stored()).Source));
    }

    [Test]
    public async Task A_reply_that_an_earlier_process_received_is_downloaded_again()
    {
        byte[] answer = UploadRig.Bytes(300);
        using FarmRig rig = new(
            new BitsTestServerOptions { Reply = _ => answer },
            new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = _store, Retry = new BitsRetryOptions { MaxRetries = 0 } });
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(503));
        await Fail<BitsServerException>(rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream())));

        using MemoryStream reply = new();
        await using IBitsUploadJob again = rig.Client.ResumeJob(
            await Stored(), BitsUploadSource.FromMemory(rig.File), BitsReplyTarget.ToStream(reply, leaveOpen: true));
        BitsUploadResult result = await again.RunAsync();
        Assert.That(reply.ToArray(), Is.EqualTo(answer));
        Assert.That((result.Reply!.Url.Host, result.Reply.Length), Is.EqualTo(("bits.test", 300L)));
    }

    [Test]
    public async Task An_unusable_session_stays_marked_when_its_cancel_is_refused()
    {
        using UploadRig rig = Rig(options => options.ResendPolicy = BitsResendPolicy.NewSession);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(500), occurrence: 3);
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That((await Stored()).NeedsNewSession, Is.True);
    }

    [Test]
    public async Task Canceling_an_older_session_keeps_the_checkpoint_of_the_newer_one()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 4);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
        IBitsUploadJob job = rig.CreateJob();
        BitsServerException older = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        await Fail<BitsServerException>(job);
        BitsUploadCheckpoint newer = await Stored();
        Assert.That(newer.SessionId, Is.Not.EqualTo(older.Checkpoint!.SessionId));

        Assert.That(await rig.Client.CancelSessionAsync(older.Checkpoint), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(await Stored(), Is.EqualTo(newer));
        Assert.That(await rig.Client.CancelSessionAsync(newer), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(await _store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task A_checkpoint_read_before_another_process_continued_can_no_longer_be_used()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await Fail<BitsServerException>(rig.CreateJob());
        BitsUploadCheckpoint old = await Stored();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await Fail<BitsServerException>(rig.Client.ResumeJob(old, BitsUploadSource.FromMemory(rig.File)));
        BitsUploadCheckpoint now = await Stored();
        Assert.That(now.SessionId, Is.Not.EqualTo(old.SessionId));

        int packets = rig.Server.Dialogue.Count;
        await Fail<BitsUploadException>(rig.Client.ResumeJob(old, BitsUploadSource.FromMemory(rig.File)));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
        await using (IBitsUploadJob late = rig.Client.ResumeJob(old, BitsUploadSource.FromMemory(rig.File)))
        {
            Assert.That(await late.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled), "the server no longer knows it");
        }

        Assert.That(await Stored(), Is.EqualTo(now));
        await using IBitsUploadJob again = rig.Client.ResumeJob(now, BitsUploadSource.FromMemory(rig.File));
        await again.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_checkpoint_records_that_an_earlier_session_may_remain()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.DropAfterHandling());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await Fail<BitsServerException>(rig.CreateJob());
        BitsUploadCheckpoint checkpoint = await Stored();
        Assert.That((checkpoint.OtherSessions.Single().SessionId, checkpoint.MayBeComplete), Is.EqualTo(((string?)null, false)));
        Assert.That(
            await rig.Client.CancelSessionAsync(checkpoint),
            Is.EqualTo(BitsCancelOutcome.Unconfirmed),
            "the first Create-Session may have left an unknown session");
        Assert.That(await _store.ListAsync(), Is.Empty, "nothing more can be done about it");
    }

    [Test]
    public async Task A_cancel_refused_by_the_lock_does_not_cancel_a_later_run()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await Fail<BitsServerException>(rig.CreateJob());
        BitsUploadCheckpoint checkpoint = await Stored();
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(rig.File, "file.bin"));
        await using (await _store.LockAsync(checkpoint.Id))
        {
            Assert.That(() => job.CancelAsync(), Throws.TypeOf<BitsUploadLockedException>());
        }

        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_session_can_be_canceled_although_the_store_is_unusable()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        await job.DisposeAsync();

        // A file cannot contain a folder.
        BitsFileCheckpointStore nowhere = new(Path.Combine(_folder.Path, "uploads"));
        using HttpClient http = new(rig.Server.CreateHandler());
        BitsUploadClient client = new(http, new BitsUploadOptions { CheckpointStore = nowhere });
        await using IBitsUploadJob unrun = client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url);
        Assert.That(() => unrun.RunAsync(), Throws.InstanceOf<IOException>());
        Assert.That(await unrun.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(await client.CancelSessionAsync(e.Checkpoint!), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_completed_upload_leaves_nothing_in_the_folder()
    {
        using UploadRig rig = Rig();
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await job.RunAsync();
            Assert.That(Directory.GetFiles(_store.Folder), Is.Not.Empty, "the lock is still held");
        }

        Assert.That(Directory.GetFiles(_store.Folder), Is.Empty);
    }

    private static async Task Fail<TException>(IBitsUploadJob job)
        where TException : Exception
    {
        await using (job)
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<TException>());
        }
    }

    private async Task<BitsUploadCheckpoint> Stored() => (await _store.ListAsync()).Single().Checkpoint!;

    private UploadRig Rig(Action<BitsUploadOptions>? configure = null)
    {
        BitsUploadOptions options = new()
        {
            MinFragmentSize = 10,
            InitialFragmentSize = 1000,
            MaxFragmentSize = 1000,
            CheckpointStore = _store,
        };
        options.Retry.BaseDelay = options.Retry.MaxDelay = TimeSpan.Zero;
        configure?.Invoke(options);
        return new UploadRig(options: options);
    }
}
