using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A file that may grow, as a log does: what it contained when the source was created is uploaded.</summary>
public sealed class GrowingFileTests
{
    private static readonly BitsFileSourceOptions Growing = new() { GrowthAllowed = true };

    [Test]
    [Platform(Exclude = "Mono", Reason = "Polyfill appends to a file that nobody else may have open.")]
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
    [Platform(Exclude = "Mono", Reason = "Polyfill writes a file that nobody else may have open.")]
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
        using UploadRig rig = KeepingRig();
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        await File.AppendAllTextAsync(file.Path, "one more line");
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path, Growing));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task From_a_store_it_is_resumed_as_it_began()
    {
        using UploadRig rig = KeepingRig(new RecordingStore());
        using TemporaryFile file = new(rig.File);
        await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing with { Name = "service.log" }));
        await File.AppendAllTextAsync(file.Path, "one more line");
        BitsResumedUpload upload = (await rig.Client.ResumeAllAsync()).Single();
        Assert.That(upload.Result?.BytesTransferred, Is.EqualTo(rig.File.Length));
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("Content-Name")), Has.None.EqualTo("file.bin"));
    }

    [Test]
    public async Task A_source_that_may_not_grow_does_not_resume_it()
    {
        using UploadRig rig = KeepingRig();
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        await File.AppendAllTextAsync(file.Path, "one more line");
        Assert.That(
            () => rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path)), Throws.TypeOf<BitsSourceChangedException>());
    }

    [Test]
    public async Task A_log_that_was_replaced_is_not_resumed_although_it_is_long_enough()
    {
        using UploadRig rig = KeepingRig();
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        await File.WriteAllBytesAsync(file.Path, Another(rig.File));
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path, Growing));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsSourceChangedException>());
        Assert.That(rig.Server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Open));
    }

    [Test]
    public async Task With_a_store_a_log_that_was_replaced_is_uploaded_anew()
    {
        using UploadRig rig = KeepingRig(new RecordingStore());
        using TemporaryFile file = new(rig.File);
        await StopAsync(rig, BitsUploadSource.FromFile(file.Path, Growing));
        byte[] another = Another(rig.File);
        await File.WriteAllBytesAsync(file.Path, another);
        await rig.Client.UploadAsync(BitsUploadSource.FromFile(file.Path, Growing), UploadRig.Url);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(another));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task Every_checkpoint_that_is_saved_has_the_hash_of_all_that_may_have_been_sent()
    {
        RecordingStore store = new();
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });
        using TemporaryFile file = new(rig.File);
        await rig.Client.UploadAsync(BitsUploadSource.FromFile(file.Path, Growing), UploadRig.Url);
        Assert.That(store.Saved, Is.Not.Empty);
        Assert.That(
            store.Saved.Where(saved => saved.Source!.PrefixLength < (saved.MayBeComplete ? saved.BytesTotal : saved.BytesSentAtMost)),
            Is.Empty);
    }

    [Test]
    public async Task A_checkpoint_without_such_a_hash_is_not_resumed()
    {
        using UploadRig rig = KeepingRig();
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = await StopAsync(rig, BitsUploadSource.FromFile(file.Path));
        Assert.That(
            () => rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path, Growing)),
            Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains("it may have been replaced"));
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

    // A stop keeps the session.
    private static UploadRig KeepingRig(IBitsCheckpointStore? store = null) => new(options: new BitsUploadOptions
    {
        FixedFragmentSize = 1000,
        OnCancellation = BitsSessionAction.KeepSession,
        CheckpointStore = store,
    });

    // Other bytes, and more of them.
    private static byte[] Another(byte[] bytes) => [.. Enumerable.Reverse(bytes), 1, 2, 3];

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
