using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>Many concurrent uploads with one client.</summary>
public sealed class ManyUploadsTests
{
    private const int Uploads = 100;

    [TestCase(BitsServerDialect.McBup)]
    [TestCase(BitsServerDialect.Win32)]
    public async Task A_hundred_concurrent_uploads_of_one_client_all_arrive(BitsServerDialect dialect)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        Random random = new(seed);
        byte[][] files = [.. Enumerable.Range(0, Uploads).Select(_ => new byte[random.Next(1, 600_000)])];
        Array.ForEach(files, random.NextBytes);
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 64 * 1024,
            Retry = { MaxRetries = 100, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
        };
        await using SocketRig rig = await SocketRig.StartAsync(dialect, options);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), () => random.Next(10) == 0);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.DropInBody(30_000), () => random.Next(10) == 0);

        await Task.WhenAll(files.Select((file, i) => UploadAsync(rig, file, i)));
        await rig.Server.WhenSettledAsync();
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        rig.Server.AssertNoViolations();
        for (int i = 0; i < Uploads; i++)
        {
            Assert.That(rig.Server.GetFile($"/upload/{i}.bin").AsSpan().SequenceEqual(files[i]), Is.True, $"file {i}");
        }
    }

    private static async Task UploadAsync(SocketRig rig, byte[] file, int number)
    {
        await using IBitsUploadJob job = rig.CreateJob(file, $"upload/{number}.bin");
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.BytesTransferred, Is.EqualTo(file.Length));
    }
}
