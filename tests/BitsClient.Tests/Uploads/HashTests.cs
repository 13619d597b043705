using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>The hash of the file is correct, however its bytes were sent.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class HashTests(BitsServerDialect dialect)
{
    [Test]
    public async Task It_is_the_SHA256_of_the_file()
    {
        using UploadRig rig = Rig();
        Assert.That(await Sha256Of(rig), Is.EqualTo(Expected(rig)));
    }

    [Test]
    public async Task It_is_not_computed_unless_requested()
    {
        using UploadRig rig = new(dialect);
        Assert.That(await Sha256Of(rig), Is.Null);
    }

    [Test]
    public async Task Bytes_that_are_sent_again_count_once()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(300), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 5);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 8);
        Assert.That(await Sha256Of(rig), Is.EqualTo(Expected(rig)));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_fragment_whose_ack_was_lost_counts_too()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        Assert.That(await Sha256Of(rig), Is.EqualTo(Expected(rig)));
    }

    [Test]
    public async Task After_a_restart_the_bytes_that_the_server_has_are_read_for_it()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await StopAsync(rig);
        Assert.That(checkpoint.Source!.PrefixLength, Is.GreaterThanOrEqualTo(4000));

        // An older checkpoint: the server has more bytes than it says.
        string older = Convert.ToHexString(SHA256.HashData(rig.File.AsSpan(0, 2000))).ToLowerInvariant();
        checkpoint = checkpoint with
        {
            BytesAcknowledged = 2000,
            Source = checkpoint.Source with { PrefixLength = 2000, PrefixSha256 = older },
        };
        await using IBitsUploadJob again = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(rig.File));
        BitsUploadResult result = await again.RunAsync();
        Assert.That(result.Sha256, Is.EqualTo(Expected(rig)));
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
    }

    [Test]
    public async Task Changed_bytes_of_the_same_length_are_refused_before_any_packet_in_every_run()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await StopAsync(rig);
        int packets = rig.Server.Dialogue.Count;
        byte[] edited = [.. rig.File];
        edited[17]++;
        await using IBitsUploadJob again = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(edited));
        for (int i = 0; i < 2; i++)
        {
            BitsSourceChangedException e = Assert.ThrowsAsync<BitsSourceChangedException>(() => again.RunAsync())!;
            Assert.That(e.Checkpoint, Is.Not.Null, "the session is still there to be canceled");
            Assert.That((e.Url, e.SessionId), Is.EqualTo((UploadRig.Url, checkpoint.SessionId)));
            Assert.That(e.Message, Does.Contain("bytes that were already sent have changed"));
        }

        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
    }

    [Test]
    public async Task Bytes_missing_from_the_hash_are_read_for_it_when_the_server_has_the_whole_file()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsUploadCheckpoint checkpoint = job.Checkpoint!;
        checkpoint = checkpoint with { Source = checkpoint.Source! with { PrefixLength = 0, PrefixSha256 = null } };
        await using IBitsUploadJob again = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(rig.File));
        Assert.That((await again.RunAsync()).Sha256, Is.EqualTo(Expected(rig)));
    }

    [Test]
    public async Task A_source_that_cannot_be_read_for_comparison_is_reported_with_its_own_error()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await StopAsync(rig);
        MemoryStream stream = new(rig.File);
        await using IBitsUploadJob again = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromStream(stream));
        await stream.DisposeAsync();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => again.RunAsync())!;
        Assert.That(e.Message, Does.StartWith("The source could not be read: "));
        Assert.That(e.InnerException, Is.TypeOf<ObjectDisposedException>());
        Assert.That((e.Url, e.SessionId), Is.EqualTo((UploadRig.Url, checkpoint.SessionId)));
    }

    [Test]
    public async Task R23_A_file_with_another_time_and_the_same_bytes_is_the_same()
    {
        using UploadRig rig = Rig();
        using TemporaryFile file = new(rig.File);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        File.SetLastWriteTimeUtc(file.Path, DateTime.UtcNow.AddHours(-1));
        await using IBitsUploadJob again = rig.Client.ResumeJob(e.Checkpoint!, BitsUploadSource.FromFile(file.Path));
        await again.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task R23_The_time_counts_for_bytes_that_were_sent_and_are_in_no_hash()
    {
        using UploadRig rig = Rig();
        using TemporaryFile file = new(rig.File);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        File.SetLastWriteTimeUtc(file.Path, DateTime.UtcNow.AddHours(-1));
        BitsUploadCheckpoint more = checkpoint with { BytesSentAtMost = checkpoint.BytesAcknowledged + 1 };
        Assert.That(
            () => rig.Client.ResumeJob(more, BitsUploadSource.FromFile(file.Path)), Throws.TypeOf<BitsSourceChangedException>());
    }

    private static string Expected(UploadRig rig) => Convert.ToHexString(SHA256.HashData(rig.File)).ToLowerInvariant();

    // The checkpoint of an upload that failed at the fifth fragment.
    private static async Task<BitsUploadCheckpoint> StopAsync(UploadRig rig)
    {
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        return job.Checkpoint!;
    }

    private static async Task<string?> Sha256Of(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        string? sha256 = (await job.RunAsync()).Sha256;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        return sha256;
    }

    private UploadRig Rig()
    {
        UploadRig rig = new(
            dialect,
            new BitsUploadOptions { ComputeSha256 = true, MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 1000 });
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(30);
        return rig;
    }
}
