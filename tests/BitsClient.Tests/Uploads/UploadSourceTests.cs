using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary><see cref="IBitsUploadClient.UploadAsync"/> uploads any source in one call, and always disposes the source.</summary>
public sealed class UploadSourceTests
{
    [Test]
    public async Task Memory_is_uploaded()
    {
        using UploadRig rig = new();
        List<BitsUploadProgress> reports = [];
        BitsUploadResult result = await rig.Client.UploadAsync(
            BitsUploadSource.FromMemory(rig.File, "file.bin"), UploadRig.Url, new ProgressHandler(reports.Add));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Dialogue[0].RequestHeader("Content-Name"), Is.EqualTo("file.bin"));
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
        Assert.That(reports[^1].Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task The_source_is_disposed_after_the_upload()
    {
        using UploadRig rig = new();
        using MemoryStream stream = new(rig.File);
        await rig.Client.UploadAsync(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Assert.That(stream.CanRead, Is.False);
    }

    [Test]
    public void The_source_is_disposed_after_a_failure()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        using MemoryStream stream = new(rig.File);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(
            () => rig.Client.UploadAsync(BitsUploadSource.FromStream(stream), UploadRig.Url))!;
        Assert.That(e.Checkpoint, Is.Not.Null);
        Assert.That(stream.CanRead, Is.False);
    }

    [Test]
    public async Task The_source_is_disposed_after_a_cancel()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        using MemoryStream stream = new(rig.File);
        using CancellationTokenSource cancel = new();
        Task<BitsUploadResult> running = rig.Client.UploadAsync(
            BitsUploadSource.FromStream(stream), UploadRig.Url, cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That((e.Outcome, e.CancellationToken), Is.EqualTo((BitsCancelOutcome.SessionCanceled, cancel.Token)));
        Assert.That(stream.CanRead, Is.False);
    }

    [Test]
    public void The_source_is_disposed_if_the_URL_is_not_valid()
    {
        using UploadRig rig = new();
        using MemoryStream stream = new(rig.File);
        Assert.That(
            () => rig.Client.UploadAsync(BitsUploadSource.FromStream(stream), new Uri("ftp://bits.test/file.bin")),
            Throws.ArgumentException);
        Assert.That(stream.CanRead, Is.False);
        Assert.That(rig.Packets(), Is.Empty);
    }
}
