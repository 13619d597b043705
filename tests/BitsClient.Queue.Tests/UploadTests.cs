using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests;

/// <summary>What is enqueued is uploaded, whichever machine it is enqueued on.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.PostgreSql)]
public sealed class UploadTests(DatabaseKind kind)
{
    private QueueRig _rig = null!;

    [SetUp]
    public async Task Begin() => _rig = await QueueRig.CreateAsync(kind);

    [TearDown]
    public async Task End()
    {
        if (_rig is not null)
        {
            await _rig.DisposeAsync();
        }
    }

    [Test]
    public async Task A_file_that_is_enqueued_is_uploaded_and_kept_until_it_is_forgotten()
    {
        IHost host = await _rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(_rig.Request());
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.BytesAcknowledged, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(upload.BytesTotal, Is.EqualTo(QueueRig.Bytes.Length));
        Assert.That(upload.Tries, Is.EqualTo(1));
        Assert.That(upload.HasOpenSession, Is.False);
        Assert.That(upload.EndedAt, Is.GreaterThanOrEqualTo(upload.StartedAt!.Value));
        Assert.That(_rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
        Assert.That(await queue.ForgetAsync(id), Is.True);
        Assert.That(await queue.GetAsync(id), Is.Null);
        Assert.That(await queue.ForgetAsync(id), Is.False);
    }

    [Test]
    public async Task A_host_that_stops_puts_its_upload_back_and_another_one_continues_the_session()
    {
        IHost first = await _rig.StartAsync();
        BitsGate gate = _rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        Guid id = await QueueRig.QueueOf(first).EnqueueAsync(_rig.Request());
        await gate.Reached;
        Task stopping = first.StopAsync();
        gate.Release();
        await stopping;
        BitsQueuedUpload stopped = (await QueueRig.QueueOf(first).GetAsync(id))!;
        Assert.That(stopped.Status, Is.EqualTo(BitsQueueStatus.Queued));
        Assert.That(stopped.HasOpenSession);
        Assert.That(stopped.Owner, Is.Null);
        first.Dispose();

        IHost second = await _rig.StartAsync();
        BitsQueuedUpload upload = await QueueRig.QueueOf(second).WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Tries, Is.EqualTo(2));
        Assert.That(_rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
        Assert.That(_rig.Server.Sessions, Has.Count.EqualTo(1));
    }
}
