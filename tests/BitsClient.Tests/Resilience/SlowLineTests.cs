using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>A connection of 1 KiB per second: slow is not silent.</summary>
public sealed class SlowLineTests
{
    private static readonly BitsUploadOptions Options = new()
    {
        MinFragmentSize = 1024,
        InitialFragmentSize = 160 * 1024,
        StallTimeout = TimeSpan.FromSeconds(2),
        ResponseTimeout = TimeSpan.FromSeconds(2),
        NoProgressTimeout = TimeSpan.FromSeconds(2),
    };

    [Test]
    public async Task A_slow_connection_never_stalls_and_fragments_approach_TargetFragmentDuration()
    {
        using UploadRig rig = new();
        using HttpClient http = new(new SlowLine(rig.Time, TimeSpan.FromSeconds(1)) { InnerHandler = rig.Server.CreateHandler() });
        http.Timeout = Timeout.InfiniteTimeSpan;
        BitsUploadClient client = new(http, Options, rig.Logs, rig.Time);
        byte[] file = UploadRig.Bytes(600 * 1024);

        await using IBitsUploadJob job = client.CreateJob(new ShortReads(file, most: 1024), UploadRig.Url);
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(600)));
        Assert.That((result.Retries, result.BytesResent), Is.EqualTo((0, 0L)));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(file));

        // 160 KiB is too much for ten seconds.
        long[] lengths = FragmentsInKiB(rig);
        Assert.That(lengths[0], Is.EqualTo(160));
        Assert.That(lengths[1..], Is.All.EqualTo(10));
    }

    [Test]
    public async Task A_fast_connection_gets_larger_fragments()
    {
        using UploadRig rig = new(
            options: new BitsUploadOptions { MinFragmentSize = 1024, InitialFragmentSize = 1024, MaxFragmentSize = 64 * 1024 });
        byte[] file = UploadRig.Bytes(200 * 1024);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(file), UploadRig.Url);
        await job.RunAsync();
        long[] lengths = FragmentsInKiB(rig);
        Assert.That(lengths[..^1], Is.EqualTo(new[] { 1, 64, 64, 64 }));
    }

    [Test]
    public async Task A_second_upload_to_the_host_begins_with_the_size_that_the_first_one_found()
    {
        using UploadRig rig = new(
            options: new BitsUploadOptions { MinFragmentSize = 1024, InitialFragmentSize = 1024, MaxFragmentSize = 64 * 1024 });
        byte[] file = UploadRig.Bytes(128 * 1024);
        await rig.Client.UploadAsync(BitsUploadSource.FromMemory(file), UploadRig.Url);
        await rig.Client.UploadAsync(BitsUploadSource.FromMemory(file), UploadRig.Url);
        Assert.That(FragmentsInKiB(rig), Is.EqualTo(new[] { 1, 64, 63, 64, 64 }));
    }

    private static long[] FragmentsInKiB(UploadRig rig) =>
    [
        .. rig.Server.Dialogue
            .Where(packet => packet.PacketType == BitsPacketNames.Fragment)
            .Select(packet => packet.BodyBytes / 1024),
    ];
}
