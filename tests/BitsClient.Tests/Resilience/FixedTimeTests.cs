using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>
/// A time that each request takes whatever its size, such as that of the caller's hook or of a scan, does not make fragments smaller.
/// </summary>
public sealed class FixedTimeTests
{
    private const double BytesPerSecond = 12_500_000;
    private const int Largest = 16 * 1024 * 1024;

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(2);

    [TestCase(0.12, 0)]
    [TestCase(12, 0)]
    [TestCase(0, 12)]
    public async Task From_the_third_fragment_on_they_are_as_large_as_the_best_constant_size(double hookSeconds, double scanSeconds)
    {
        List<(DateTimeOffset Time, bool IsFragment)> requests = [];
        using UploadRig rig = new();
        using HttpClient http = new(new Line(rig.Time, TimeSpan.FromSeconds(scanSeconds)) { InnerHandler = rig.Server.CreateHandler() });
        http.Timeout = Timeout.InfiniteTimeSpan;
        BitsUploadOptions options = new()
        {
            MaxFragmentSize = Largest,
            PrepareRequest = (context, _) =>
            {
                requests.Add((rig.Time.GetUtcNow(), context.PacketType == BitsPacketType.Fragment));
                rig.Time.Advance(TimeSpan.FromSeconds(hookSeconds));
                return default;
            },
        };
        BitsUploadClient client = new(http, options, rig.Logs, rig.Time);
        await client.UploadAsync(BitsUploadSource.FromMemory(new byte[5 * Largest], "file.bin"), UploadRig.Url);

        double[] seconds =
        [
            .. requests.Zip(requests.Skip(1), (request, next) => (request.IsFragment, Took: next.Time - request.Time))
                .Where(request => request.IsFragment).Select(request => request.Took.TotalSeconds),
        ];
        long[] lengths =
        [
            .. rig.Server.Dialogue.Where(packet => packet.PacketType == BitsPacketNames.Fragment).Select(packet => packet.BodyBytes),
        ];
        Assert.That(lengths, Has.Length.EqualTo(seconds.Length).And.Length.GreaterThan(3));
        double best = Largest / (hookSeconds + scanSeconds + RoundTrip.TotalSeconds + (Largest / BytesPerSecond));
        for (int fragment = 2; fragment < lengths.Length - 1; fragment++)
        {
            Assert.That(lengths[fragment] / seconds[fragment], Is.GreaterThan(0.9 * best), $"fragment {fragment + 1}");
        }
    }

    /// <summary>A connection of 100 Mbit/s to a server that scans what it receives.</summary>
    private sealed class Line(ManualTimeProvider time, TimeSpan scan) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            long length = request.Content!.Headers.ContentLength!.Value;
            TimeSpan took = length == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(length / BytesPerSecond) + scan;
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            time.Advance(took + RoundTrip);
            return response;
        }
    }
}
