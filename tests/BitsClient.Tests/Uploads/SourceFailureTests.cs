using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A source that changes or cannot be read is the source's fault, never the network's; the session stays, to be cancelled or continued.</summary>
public sealed class SourceFailureTests
{
    [Platform(Exclude = "Win", Reason = "There the system keeps others from writing to the file.")]
    [TestCase(-1, "has 9999 bytes now")]
    [TestCase(+1, "has 10001 bytes now")]
    [TestCase(0, "was written to")]
    public async Task A_file_that_changes_in_mid_upload_is_not_sent_on(int by, string reason)
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        BitsGate gate = rig.Server.HoldAck(BitsPacketTypes.Fragment, 3);
        await using BitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.Reached;
        Change(file.Path, by);
        gate.Release();

        BitsSourceChangedException e = Assert.ThrowsAsync<BitsSourceChangedException>(() => running)!;
        Assert.That(e.Message, Does.Contain(reason));
        Assert.That(e.State!.BytesAcknowledged, Is.EqualTo(3000));
        Assert.That(e.IsTransient, Is.False);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task A_stream_that_cannot_be_read_is_told_with_its_own_error()
    {
        using UploadRig rig = new();
        await using BitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new BrokenStream(rig.File)), UploadRig.Url);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("source could not be read: The disk is gone."));
        Assert.That(e.InnerException, Is.TypeOf<IOException>());
        Assert.That(e.IsTransient, Is.False);
    }

    // Another program does not ask for locks: it changes the file behind the system's back where that is possible.
    private static void Change(string path, int by)
    {
        string changed = path + ".changed";
        File.Copy(path, changed);
        using (FileStream stream = File.Open(changed, FileMode.Open, FileAccess.Write))
        {
            stream.SetLength(stream.Length + by);
        }

        System.Diagnostics.ProcessStartInfo overwrite = new("cp", [changed, path]);
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(overwrite)!;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is gone.");
    }
}
