using BitsClient.Content;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>
/// A source that changes or cannot be read is reported as such, not as a network failure; the session is kept and can be canceled or
/// resumed.
/// </summary>
public sealed class SourceFailureTests
{
    [Platform(Exclude = "Win", Reason = "On Windows, the system prevents others from writing to the file.")]
    [TestCase(-1, "has 9999 bytes now")]
    [TestCase(+1, "has 10001 bytes now")]
    [TestCase(0, "was written to")]
    public async Task A_file_that_changes_during_the_upload_is_not_sent_any_further(int by, string reason)
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Change(file.Path, by);
        gate.Release();

        BitsSourceChangedException e = Assert.ThrowsAsync<BitsSourceChangedException>(() => running)!;
        Assert.That(e.Message, Does.StartWith("Fragment to http://bits.test/upload/file.bin (session ").And.Contain(reason));
        Assert.That((e.Url, e.PacketType, e.SessionId), Is.EqualTo((UploadRig.Url, BitsPacketType.Fragment, job.SessionId)));
        Assert.That(rig.SessionIdsOf(BitsPacketNames.Fragment).Count(), Is.EqualTo(3), "nothing more was sent");
        Assert.That(e.Checkpoint!.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(e.IsTransient, Is.False);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "On Windows, the system prevents others from writing to the file.")]
    public async Task A_file_that_changes_within_its_only_fragment_is_never_completed()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1_000_000 });
        using TemporaryFile file = new(UploadRig.Bytes(500_000));
        BitsGate gate = rig.Server.HoldBody(occurrence: 1, afterBytes: 100_000);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Change(file.Path, by: 0);
        gate.Release();
        Assert.That(() => running, Throws.TypeOf<BitsSourceChangedException>());
        Assert.That(rig.Server.Sessions.Single().Received, Is.Zero);
    }

    [Test]
    public async Task A_stream_that_grows_counts_as_changed()
    {
        using UploadRig rig = new();
        MemoryStream stream = new();
        await stream.WriteAsync(rig.File);
        stream.Position = 0;
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        stream.SetLength(10_001);
        gate.Release();
        Assert.That(() => running, Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains("10001"));
    }

    [Test]
    public async Task A_closed_stream_is_reported_as_a_source_that_cannot_be_read()
    {
        using UploadRig rig = new();
        MemoryStream stream = new(rig.File);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        await stream.DisposeAsync();
        gate.Release();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => running)!;
        Assert.That(e.Message, Does.Contain("source could not be read"));
        Assert.That(e.Checkpoint!.BytesAcknowledged, Is.EqualTo(3000));
    }

    [Test]
    public async Task A_stream_that_ignores_its_token_does_not_delay_a_cancel()
    {
        DeafStream stream = new(UploadRig.Bytes(100));
        using BitsUploadSource source = BitsUploadSource.FromStream(stream);
        using FragmentContent content = new(source, 0, 10, hash: null, observer: null);
        using CancellationTokenSource cancel = new();
        Task reading = content.CopyToAsync(Stream.Null, cancel.Token);
        await stream.Reading.Task;
        await cancel.CancelAsync();
        Assert.That(() => reading, Throws.InstanceOf<OperationCanceledException>());

        // The next read waits until the stream is free again, because it has one position.
        Task<int> next = source.ReadAsync(50, new byte[10], CancellationToken.None).AsTask();
        Assert.That(next.IsCompleted, Is.False);
        stream.Release.SetResult();
        Assert.That(await next, Is.EqualTo(10));
    }

    [Test]
    public async Task A_stream_is_read_again_from_the_servers_offset()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(300), occurrence: 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new MemoryStream(rig.File)), UploadRig.Url);
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_stream_that_cannot_be_read_is_reported_with_its_own_error()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new BrokenStream(rig.File)), UploadRig.Url);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("source could not be read: The disk is gone."));
        Assert.That(e.InnerException, Is.TypeOf<IOException>());
        Assert.That(e.IsTransient, Is.False);
    }

    [Test]
    public async Task A_read_that_only_the_hash_needs_is_reported_too()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, ComputeSha256 = true });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        checkpoint = checkpoint with { Source = checkpoint.Source! with { PrefixLength = 0, PrefixSha256 = null } };
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(
            checkpoint, BitsUploadSource.FromStream(new StreamThatFailsOnce(rig.File, at: 0)));
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => resumed.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Source));
        Assert.That(e.Message, Does.Contain("source could not be read: The disk is gone."));
    }

    // Another program changes the file without asking for a lock, where the system permits that.
    private static void Change(string path, int by)
    {
        string changed = path + ".changed";
        File.Copy(path, changed);
        using (FileStream stream = File.Open(changed, FileMode.Open, FileAccess.Write))
        {
            stream.SetLength(stream.Length + by);
        }

        System.Diagnostics.ProcessStartInfo overwrite = new("cp", $"{changed} {path}");
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(overwrite)!;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    private sealed class DeafStream(byte[] bytes) : MemoryStream(bytes)
    {
        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reading.TrySetResult();
            await Release.Task;
            return await base.ReadAsync(buffer, CancellationToken.None);
        }
    }

    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is gone.");
    }
}
