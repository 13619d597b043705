using System.Diagnostics;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>Bytes that are not a valid answer, over a real socket, end in a documented exception within bounded time.</summary>
public sealed class RawAnswerTests
{
    private const int TriesOfEachKind = 16;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static readonly BitsUploadOptions Options = new()
    {
        StallTimeout = TimeSpan.FromMilliseconds(200),
        ResponseTimeout = TimeSpan.FromMilliseconds(200),
        NoProgressTimeout = TimeSpan.FromSeconds(1),
        CancelTimeout = TimeSpan.FromMilliseconds(200),
        Retry = { MaxRetries = 1, MaxRestarts = 1, BaseDelay = TimeSpan.Zero },
    };

    private static IEnumerable<string> Kinds => RawAnswer.Kinds.Keys;

    [TestCaseSource(nameof(Kinds))]
    public async Task Whatever_the_server_sends_ends_in_a_documented_exception_within_bounded_time(string kind)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seeds {seed} to {seed + TriesOfEachKind - 1}.");
        Stopwatch watch = Stopwatch.StartNew();
        Task<string>[] uploads = [.. Enumerable.Range(seed, TriesOfEachKind).Select(seed => UploadAsync(kind, seed))];
        string[] ends = await Task.WhenAll(uploads).WaitAsync(Bound);
        TestContext.Out.WriteLine($"{watch.ElapsedMilliseconds} ms: {string.Join(", ", ends.Distinct())}");
    }

    private static async Task<string> UploadAsync(string kind, int seed)
    {
        Random random = new(seed);
        await using RawServer server = new(() => RawAnswer.Kinds[kind](random))
        {
            LetsCreate = random.Next(2) == 0,
            ReadsBodies = random.Next(2) == 0,
            HangsUp = random.Next(2) == 0,
        };
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, Options);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(UploadRig.Bytes(200_000)), server.Url);
        BitsUploadException failure = await FailureOfAsync(job, $"{kind}, seed {seed}");
        Assert.That(failure.Message, Has.Length.LessThan(2000), $"seed {seed}");
        Assert.That(failure.Message.Where(char.IsControl), Is.Empty, $"seed {seed}: {failure.Message}");
        return failure.GetType().Name;
    }

    private static async Task<BitsUploadException> FailureOfAsync(IBitsUploadJob job, string what)
    {
        try
        {
            await job.RunAsync();
        }
        catch (BitsUploadException e)
        {
            return e;
        }

        throw new AssertionException($"{what}: the upload succeeded.");
    }
}
