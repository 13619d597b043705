using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A file that may grow, as a log does: what it contained when the source was created is uploaded.</summary>
public sealed class GrowingFileTests
{
    private static readonly BitsFileSourceOptions Growing = new() { GrowthAllowed = true };

    [Test]
    public async Task What_is_appended_during_the_upload_is_not_uploaded()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000 });
        using TemporaryFile file = new(rig.File);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        Task<BitsUploadResult> uploading = rig.Client.UploadAsync(BitsUploadSource.FromFile(file.Path, Growing), UploadRig.Url);
        await gate.ReachedByAsync(uploading);
        await File.AppendAllTextAsync(file.Path, "one more line");
        gate.Release();
        await uploading;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_file_that_becomes_shorter_is_an_error()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000 });
        using TemporaryFile file = new(rig.File);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        Task<BitsUploadResult> uploading = rig.Client.UploadAsync(BitsUploadSource.FromFile(file.Path, Growing), UploadRig.Url);
        await gate.ReachedByAsync(uploading);
        await File.WriteAllBytesAsync(file.Path, rig.File[..5000]);
        gate.Release();
        Assert.That(() => uploading, Throws.TypeOf<BitsSourceChangedException>());
    }

    [Test]
    public async Task The_upload_is_resumed_with_the_bytes_that_it_began_with()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnCancellation = BitsSessionAction.KeepSession };
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        await File.AppendAllTextAsync(file.Path, "one more line");
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path, Growing));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_source_that_may_not_grow_does_not_resume_it()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, OnCancellation = BitsSessionAction.KeepSession };
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        await File.AppendAllTextAsync(file.Path, "one more line");
        Assert.That(
            () => rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path)), Throws.TypeOf<BitsSourceChangedException>());
    }

    [TestCase(FileShare.None, false)]
    [TestCase(FileShare.Read, true)]
    public void How_others_may_open_the_file_is_an_option(FileShare share, bool canOpen)
    {
        using TemporaryFile file = new(UploadRig.Bytes(10));
        using BitsUploadSource source = BitsUploadSource.FromFile(file.Path, new BitsFileSourceOptions { Share = share, Name = "b.bin" });
        Assert.That(source.Name, Is.EqualTo("b.bin"));
        Assert.That(
            () => File.Open(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose(),
            canOpen ? Throws.Nothing : Throws.TypeOf<IOException>());
    }

    private static async Task<BitsUploadCheckpoint> StopAsync(UploadRig rig, BitsUploadSource source)
    {
        using CancellationTokenSource stop = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        Task<BitsUploadResult> uploading = rig.Client.UploadAsync(source, UploadRig.Url, cancellationToken: stop.Token);
        await gate.ReachedByAsync(uploading);
        await stop.CancelAsync();
        gate.Release();
        return Assert.ThrowsAsync<BitsUploadCanceledException>(() => uploading)!.Checkpoint!;
    }
}
