using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests;

/// <summary>What is enqueued is uploaded, whichever machine it is enqueued on.</summary>
public sealed class UploadTests(DatabaseKind kind) : QueueTest(kind)
{
    [Test]
    public async Task A_file_that_is_enqueued_is_uploaded_and_kept_until_it_is_forgotten()
    {
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.BytesAcknowledged, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(upload.BytesTotal, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(upload.Tries, Is.EqualTo(1));
        Assert.That(upload.HasOpenSession, Is.False);
        Assert.That(upload.EndedAt, Is.GreaterThanOrEqualTo(upload.StartedAt!.Value));
        Assert.That(Rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
        Assert.That(await queue.ForgetAsync(id), Is.True);
        Assert.That(await queue.GetAsync(id), Is.Null);
        Assert.That(await queue.ForgetAsync(id), Is.False);
    }

    [Test]
    public async Task A_host_that_stops_puts_its_upload_back_and_another_one_continues_the_session()
    {
        IHost first = await Rig.StartAsync();
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        Guid id = await QueueRig.QueueOf(first).EnqueueAsync(Rig.Request());
        await gate.Reached;
        await first.StopAsync();
        gate.Release();
        BitsQueuedUpload stopped = (await QueueRig.QueueOf(first).GetAsync(id))!;
        Assert.That(stopped.Status, Is.EqualTo(BitsQueueStatus.Queued));
        Assert.That(stopped.HasOpenSession);
        Assert.That(stopped.Owner, Is.Null);
        first.Dispose();

        IHost second = await Rig.StartAsync();
        BitsQueuedUpload upload = await QueueRig.QueueOf(second).WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Tries, Is.EqualTo(2));
        Assert.That(Rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_a_machine_without_uploads_enqueues_is_uploaded_by_another_one()
    {
        IHost enqueuing = await Rig.StartAsync(options => options.MaxConcurrentUploads = 0);
        Guid id = await QueueRig.QueueOf(enqueuing).EnqueueAsync(Rig.Request());
        Assert.That((await Rig.Queue().GetAsync(id))!.Status, Is.EqualTo(BitsQueueStatus.Queued));
        await Rig.StartAsync();
        Assert.That((await QueueRig.QueueOf(enqueuing).WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
    }

    [Test]
    public async Task A_reply_is_saved_in_its_file()
    {
        Rig.Server.Dispose();
        await using QueueRig rig = await QueueRig.CreateAsync(Kind, new BitsTestServerOptions { Reply = _ => "The reply"u8.ToArray() });
        string reply = Path.Combine(rig.Folder, "reply.bin");
        IHost host = await rig.StartAsync();
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(rig.Request() with { ReplyPath = reply });
        Assert.That((await QueueRig.QueueOf(host).WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(await File.ReadAllBytesAsync(reply), Is.EqualTo("The reply"u8.ToArray()));
    }

    [Test]
    public async Task Uploads_begin_by_priority_and_then_in_the_order_in_which_they_were_enqueued()
    {
        IBitsUploadQueue queue = Rig.Queue();
        List<Guid> ids = [];
        foreach ((string name, BitsUploadPriority priority) in new[]
        {
            ("low", BitsUploadPriority.Low), ("normal-1", BitsUploadPriority.Normal), ("normal-2", BitsUploadPriority.Normal),
            ("high", BitsUploadPriority.High), ("foreground", BitsUploadPriority.Foreground),
        })
        {
            ids.Add(await queue.EnqueueAsync(Rig.Request(name: name) with { Priority = priority }));
        }

        await Rig.StartAsync(options => options.MaxConcurrentUploads = 1);
        foreach (Guid id in ids)
        {
            await queue.WaitAsync(id);
        }

        Assert.That(
            Rig.Server.Sessions.Select(session => session.Path),
            Is.EqualTo(new[] { "/upload/foreground", "/upload/high", "/upload/normal-1", "/upload/normal-2", "/upload/low" }));
    }

    [Test]
    public async Task What_is_not_due_yet_waits_and_holds_up_nothing()
    {
        IHost host = await Rig.StartAsync(options => options.MaxConcurrentUploads = 1);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        DateTimeOffset tomorrow = DateTimeOffset.UtcNow.AddDays(1);
        Guid later = await queue.EnqueueAsync(
            Rig.Request(name: "later") with { NotBefore = tomorrow, Priority = BitsUploadPriority.Foreground });
        Guid now = await queue.EnqueueAsync(Rig.Request());
        await queue.WaitAsync(now);
        BitsQueuedUpload waiting = (await queue.GetAsync(later))!;
        Assert.That(waiting.Status, Is.EqualTo(BitsQueueStatus.Queued));
        Assert.That(waiting.DueAt, Is.EqualTo(tomorrow).Within(TimeSpan.FromMilliseconds(1)));
        Assert.That(waiting.Tries, Is.Zero);
    }

    [Test]
    public async Task An_origin_gets_as_many_uploads_at_once_as_it_may_and_others_go_on()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment);
        IHost host = await Rig.StartAsync(options => options.MaxConcurrentUploadsPerOrigin = 1);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid held = await queue.EnqueueAsync(Rig.Request(name: "held"));
        await gate.Reached;
        Guid same = await queue.EnqueueAsync(Rig.Request(name: "same"));
        Guid other = await queue.EnqueueAsync(Rig.Request() with { Url = new Uri("http://other.test/upload/other") });
        await queue.WaitAsync(other);
        Assert.That((await queue.GetAsync(same))!.Tries, Is.Zero);
        gate.Release();
        await queue.WaitAsync(held);
        Assert.That((await queue.WaitAsync(same)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
    }

    [Test]
    public async Task Two_machines_upload_each_file_once()
    {
        if (Kind == DatabaseKind.Sqlite)
        {
            Assert.Ignore("One process at a time uploads from SQLite.");
        }

        IHost[] hosts = [await Rig.StartAsync(), await Rig.StartAsync()];
        IBitsUploadQueue queue = Rig.Queue();
        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => queue.EnqueueAsync(Rig.Request(name: $"{i}"))));
        foreach (Guid id in ids)
        {
            Assert.That((await queue.WaitAsync(id)).Tries, Is.EqualTo(1));
        }

        Assert.That(hosts, Has.Length.EqualTo(2));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(40));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Rig.Server.AssertNoViolations();
    }
}
