using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>Uploads that wait for each other's connection: the wait is no silence, and says nothing about how fast the line is.</summary>
public sealed class OneConnectionTests
{
    private const int Uploads = 40;
    private static readonly TimeSpan PerFragment = TimeSpan.FromMilliseconds(100);

    [Test]
    public async Task Forty_uploads_over_one_connection_succeed_without_a_retry_and_with_fragments_as_large_as_those_of_one()
    {
        // Less than the others take together, and more than a fragment takes.
        BitsUploadOptions options = new()
        {
            StallTimeout = TimeSpan.FromSeconds(3),
            ResponseTimeout = TimeSpan.FromSeconds(3),
            TargetFragmentDuration = TimeSpan.FromSeconds(1),
        };
        byte[] file = new byte[3 * 1024 * 1024];
        Random.Shared.NextBytes(file);
        BitsUploadResult alone = (await UploadAsync(1, file, options)).Single();
        IReadOnlyList<BitsUploadResult> together = await UploadAsync(Uploads, file, options);
        Assert.That(together.Select(result => result.Retries), Is.All.Zero);

        // Those that begin after the first one has ended need fewer, because the client knows the line by then.
        Assert.That(together.Select(result => result.Fragments), Is.All.LessThanOrEqualTo(alone.Fragments));
    }

    private static async Task<IReadOnlyList<BitsUploadResult>> UploadAsync(int count, byte[] file, BitsUploadOptions options)
    {
        // The clock moves while a fragment is being answered, and only then, so that a slow machine does not look like a slow line.
        ManualTimeProvider time = new() { PassesAtOnce = PerFragment };
        await using SocketRig rig = await SocketRig.StartAsync(BitsServerDialect.McBup, options, connections: 1, time);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.DelayAnswer(PerFragment, time));
        BitsUploadResult[] results = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            await using IBitsUploadJob job = rig.CreateJob(file, $"upload/{i}.bin");
            return await job.RunAsync();
        }));
        rig.Server.AssertNoViolations();
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(
            Enumerable.Range(0, count).All(i => rig.Server.GetFile($"/upload/{i}.bin").AsSpan().SequenceEqual(file)), Is.True);
        return results;
    }
}
