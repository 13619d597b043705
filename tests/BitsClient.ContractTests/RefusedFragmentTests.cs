using BitsClient.ContractTests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.ContractTests;

/// <summary>A fragment that the server refuses temporarily, because it is busy or because the fragment is too large.</summary>
public sealed class RefusedFragmentTests
{
    [Test]
    public async Task After_503_the_fragment_is_sent_again_when_Retry_After_has_passed()
    {
        ManualTimeProvider clock = new() { PassesAtOnce = TimeSpan.FromMinutes(2) };
        using MockServer server = new();
        using Uploader uploader = new(time: clock);
        List<DateTimeOffset> arrivals = [];
        server.On("Fragment", (fragment, before) =>
        {
            arrivals.Add(clock.GetUtcNow());
            return before == 1 ? MockServer.Answer(503, ("Retry-After", "77")) : server.Store(fragment);
        });
        BitsUploadResult result = await uploader.UploadAsync(server);

        string[] expected =
        [
            "bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 499-499/3000", "bytes 1000-1999/3000", "bytes 2000-2999/3000",
        ];
        Assert.That(server.Ranges, Is.EqualTo(expected), "the third finds out whether bytes can be sent again");
        IEnumerable<double> seconds = arrivals.Zip(arrivals.Skip(1), (earlier, later) => (later - earlier).TotalSeconds);
        Assert.That(seconds, Is.EqualTo(new[] { 0.0, 77.0, 0.0, 0.0 }), "the time between the fragments");
        Assert.That(server.Stored, Is.EqualTo(uploader.File));
        Assert.That(result.Retries, Is.EqualTo(1));
    }

    [Test]
    public async Task After_413_the_fragments_are_smaller()
    {
        using MockServer server = new();
        using Uploader uploader = new(new BitsUploadOptions { MinFragmentSize = 500, InitialFragmentSize = 2000, MaxFragmentSize = 2000 });
        server.On("Fragment", (fragment, _) => fragment.BodyAsBytes!.Length > 1000 ? MockServer.Answer(413) : server.Store(fragment));
        await uploader.UploadAsync(server);

        string[] expected = ["bytes 0-1999/3000", "bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 2000-2999/3000"];
        Assert.That(server.Ranges, Is.EqualTo(expected));
        Assert.That(server.Stored, Is.EqualTo(uploader.File));
    }
}
