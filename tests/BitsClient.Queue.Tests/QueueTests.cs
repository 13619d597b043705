using System.Data.Common;
using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests;

/// <summary>What callers do with entries: look, suspend, resume, cancel, forget, wait and watch.</summary>
public sealed class QueueTests(DatabaseKind kind) : QueueTest(kind)
{
    private static IEnumerable<TestCaseData> BadRequests()
    {
        BitsUploadRequest good = new() { Path = "file.bin", Url = QueueRig.Url };
        yield return new TestCaseData(good with { Path = "" }, "empty").SetArgDisplayNames("path");
        Uri relative = new("upload", UriKind.Relative);
        yield return new TestCaseData(good with { Url = relative }, "absolute http").SetArgDisplayNames("relative");
        yield return new TestCaseData(good with { Url = new Uri("ftp://me:secret@a/b") }, "'ftp'").SetArgDisplayNames("scheme");
        yield return new TestCaseData(good with { Url = new Uri("http://me:secret@a/b") }, "user name").SetArgDisplayNames("user");
        yield return new TestCaseData(good with { Priority = (BitsUploadPriority)9 }, "9").SetArgDisplayNames("priority");
    }

    [TestCaseSource(nameof(BadRequests))]
    public void A_request_that_cannot_be_uploaded_is_refused(BitsUploadRequest request, string reason)
    {
        ArgumentException e = Assert.CatchAsync<ArgumentException>(() => Rig.Queue().EnqueueAsync(request))!;
        Assert.That(e.Message, Does.Contain(reason));
        Assert.That(e.Message, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task All_of_a_request_is_kept()
    {
        BitsUploadRequest request = Rig.Request() with
        {
            Url = new Uri("http://bits.test/upload/a%20b?c=d"),
            ClientName = "reports",
            Priority = BitsUploadPriority.High,
            DisplayName = "May",
            Description = "The report of May",
            ReplyPath = Path.Combine(Rig.Folder, "reply.bin"),
            HeaderProvider = "tokens",
        };
        IBitsUploadQueue queue = Rig.Queue();
        BitsQueuedUpload upload = (await queue.GetAsync(await queue.EnqueueAsync(request)))!;
        Assert.That(upload.Request, Is.EqualTo(request));
        Assert.That(upload.Request.ToString(), Does.Not.Contain("c=d"));
        Assert.That(upload.DueAt, Is.EqualTo(upload.EnqueuedAt));
    }

    [Test]
    public async Task An_upload_is_added_if_and_only_if_the_callers_transaction_is_committed()
    {
        IBitsUploadQueue queue = Rig.Queue();
        await queue.ForgetAsync(await CanceledAsync(queue));
        await using DbConnection connection = await Rig.Source.OpenConnectionAsync();
        await using (DbTransaction rolledBack = await connection.BeginTransactionAsync())
        {
            await queue.EnqueueAsync(Rig.Request(), rolledBack);
            await rolledBack.RollbackAsync();
        }

        Assert.That(await queue.ListAsync(), Is.Empty);
        DbTransaction committed = await connection.BeginTransactionAsync();
        Guid id = await queue.EnqueueAsync(Rig.Request(), committed);
        await committed.CommitAsync();
        Assert.That((await queue.ListAsync()).Select(upload => upload.Id), Is.EqualTo(new[] { id }));
        Assert.That(() => queue.EnqueueAsync(Rig.Request(), committed), Throws.ArgumentException);
    }

    [Test]
    public async Task Entries_are_listed_by_status_in_their_order()
    {
        IBitsUploadQueue queue = Rig.Queue();
        Guid first = await queue.EnqueueAsync(Rig.Request());
        Guid second = await queue.EnqueueAsync(Rig.Request());
        Guid third = await queue.EnqueueAsync(Rig.Request());
        await queue.SuspendAsync(second);
        await queue.CancelAsync(third);
        Assert.That(await IdsAsync(null), Is.EqualTo(new[] { first, second, third }));
        Assert.That(await IdsAsync(BitsQueueStatus.Queued), Is.EqualTo(new[] { first }));
        Assert.That(await IdsAsync(BitsQueueStatus.Suspended), Is.EqualTo(new[] { second }));
        Assert.That(await IdsAsync(BitsQueueStatus.Canceled), Is.EqualTo(new[] { third }));
        foreach (BitsQueueStatus none in new[]
        {
            BitsQueueStatus.Transferring, BitsQueueStatus.TransientError, BitsQueueStatus.Transferred, BitsQueueStatus.Error,
        })
        {
            Assert.That(await IdsAsync(none), Is.Empty);
        }

        Assert.That((await queue.ListAsync(limit: 2)).Select(upload => upload.Id), Is.EqualTo(new[] { first, second }));

        async Task<IEnumerable<Guid>> IdsAsync(BitsQueueStatus? status) =>
            (await queue.ListAsync(status)).Select(upload => upload.Id);
    }

    [Test]
    public async Task What_waits_can_be_suspended_and_resumed()
    {
        IBitsUploadQueue queue = Rig.Queue();
        Guid id = await queue.EnqueueAsync(Rig.Request());
        Assert.That((await queue.SuspendAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Suspended));
        IHost host = await Rig.StartAsync();
        await queue.WaitAsync(await queue.EnqueueAsync(Rig.Request(name: "other")));
        Assert.That((await queue.GetAsync(id))!.Status, Is.EqualTo(BitsQueueStatus.Suspended));
        await QueueRig.QueueOf(host).ResumeAsync(id);
        Assert.That((await queue.WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
    }

    [Test]
    public async Task What_runs_is_suspended_with_its_session_and_continues_in_it()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync(Quick);
        IBitsUploadQueue elsewhere = Rig.Queue();
        Guid id = await elsewhere.EnqueueAsync(Rig.Request());
        await gate.Reached;
        BitsQueuedUpload suspended = await elsewhere.SuspendAsync(id);
        gate.Release();
        Assert.That(suspended.Status, Is.EqualTo(BitsQueueStatus.Suspended));
        Assert.That(suspended.HasOpenSession);
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1));
        await QueueRig.QueueOf(host).ResumeAsync(id);
        Assert.That((await elsewhere.WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(Rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
    }

    [Test]
    public async Task What_was_not_begun_is_canceled_without_a_machine_that_uploads()
    {
        IBitsUploadQueue queue = Rig.Queue();
        Guid id = await queue.EnqueueAsync(Rig.Request());
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That((await queue.GetAsync(id))!.Status, Is.EqualTo(BitsQueueStatus.Canceled));
        await Rig.StartAsync();
        await queue.WaitAsync(await queue.EnqueueAsync(Rig.Request(name: "other")));
        Assert.That(Rig.Server.Sessions.Select(session => session.Path), Is.EqualTo(new[] { "/upload/other" }));
    }

    [Test]
    public async Task What_runs_elsewhere_is_canceled_there_and_its_session_ended()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await Rig.StartAsync(Quick);
        IBitsUploadQueue elsewhere = Rig.Queue();
        Guid id = await elsewhere.EnqueueAsync(Rig.Request());
        await gate.Reached;
        Assert.That(await elsewhere.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        gate.Release();
        BitsQueuedUpload canceled = (await elsewhere.GetAsync(id))!;
        Assert.That(canceled.Status, Is.EqualTo(BitsQueueStatus.Canceled));
        Assert.That(canceled.CancelOutcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(canceled.HasOpenSession, Is.False);
        BitsExchange cancel = Rig.Server.Dialogue.Single(exchange => exchange.PacketType == BitsPacketNames.CancelSession);
        Assert.That(cancel.RequestHeader("BITS-Session-Id"), Is.EqualTo(Rig.Server.Sessions.Single().Id));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task The_session_of_what_is_suspended_is_ended_by_a_machine_that_uploads()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync(Quick);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;
        await queue.SuspendAsync(id);
        gate.Release();
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(await queue.ForgetAsync(id), Is.True);
    }

    [Test]
    public async Task A_cancel_that_comes_after_the_upload_says_so()
    {
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await queue.WaitAsync(id);
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
        Assert.That((await queue.GetAsync(id))!.Status, Is.EqualTo(BitsQueueStatus.Transferred));
    }

    [Test]
    public async Task What_has_not_ended_or_has_a_session_is_not_forgotten()
    {
        IHost host = await Rig.StartAsync(Quick);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        BitsQueuedUpload failed = await queue.WaitAsync(id);
        Assert.That(failed.Status, Is.EqualTo(BitsQueueStatus.Error));
        Assert.That(() => queue.ForgetAsync(id), Throws.InvalidOperationException.With.Message.Contains("session"));
        Assert.That(await queue.PurgeAsync(TimeSpan.Zero), Is.Zero);
        Guid waiting = await queue.EnqueueAsync(Rig.Request() with { NotBefore = DateTimeOffset.UtcNow.AddDays(1) });
        Assert.That(() => queue.ForgetAsync(waiting), Throws.InvalidOperationException.With.Message.Contains("not ended"));
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(await queue.PurgeAsync(TimeSpan.FromDays(1)), Is.Zero);
        Assert.That(await queue.PurgeAsync(TimeSpan.Zero), Is.EqualTo(1));
        Assert.That(await queue.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Whoever_watches_sees_the_progress_and_the_end()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await Rig.StartAsync(Quick);
        IBitsUploadQueue elsewhere = Rig.Queue();
        Guid id = await elsewhere.EnqueueAsync(Rig.Request());
        await gate.Reached;
        List<BitsQueuedUpload> seen = [];
        await foreach (BitsQueuedUpload upload in elsewhere.WatchAsync(id))
        {
            seen.Add(upload);
            gate.Release();
        }

        Assert.That(seen[0].Status, Is.EqualTo(BitsQueueStatus.Transferring));
        Assert.That(seen[0].Owner, Does.StartWith(Environment.MachineName));
        Assert.That(seen[0].BytesTotal, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(seen[^1].Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(seen[^1].BytesAcknowledged, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(seen[^1].Owner, Is.Null);
    }

    [Test]
    public void An_unknown_id_is_said_to_be_unknown()
    {
        IBitsUploadQueue queue = Rig.Queue();
        Guid id = Guid.NewGuid();
        Assert.That(() => queue.SuspendAsync(id), Throws.InstanceOf<KeyNotFoundException>());
        Assert.That(() => queue.ResumeAsync(id), Throws.InstanceOf<KeyNotFoundException>());
        Assert.That(() => queue.CancelAsync(id), Throws.InstanceOf<KeyNotFoundException>());
        Assert.That(() => queue.WaitAsync(id), Throws.InstanceOf<KeyNotFoundException>());
        Assert.That(() => queue.WatchAsync(id).GetAsyncEnumerator().MoveNextAsync().AsTask(), Throws.InstanceOf<KeyNotFoundException>());
    }

    private static void Quick(BitsUploadQueueOptions options) => options.Heartbeat = TimeSpan.FromMilliseconds(50);

    private async Task<Guid> CanceledAsync(IBitsUploadQueue queue)
    {
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await queue.CancelAsync(id);
        return id;
    }
}
