using BitsClient.IntegrationTests.Resilience;

namespace BitsClient.FrameworkTests;

/// <summary>Uploads on .NET Framework. The tests of Mono start it, and ask their server what came of it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // <dotnet-framework>
        HttpClientHandler handler = new() { AllowAutoRedirect = false, MaxConnectionsPerServer = 20 };
        using HttpClient http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        // </dotnet-framework>
        Task run = arguments switch
        {
            ["upload", var file, var url] => UploadAsync(http, file, new Uri(url), reply: null),
            ["upload", var file, var url, var reply] => UploadAsync(http, file, new Uri(url), reply),
            ["continue", var file, var url, var state] => ContinueAsync(http, file, new Uri(url), new BitsFileCheckpointStore(state)),
            ["cancel", var file, var url, var count, var seed] =>
                CancelAsync(http, file, url, int.Parse(count), new Random(int.Parse(seed))),
            _ => throw new ArgumentException("upload FILE URL [REPLY] | continue FILE URL STATE | cancel FILE URL COUNT SEED"),
        };
        try
        {
            await run;
            return 0;
        }
        catch (BitsUploadException e)
        {
            Console.Error.WriteLine(e);
            return 1;
        }
    }

    private static async Task UploadAsync(HttpClient http, string file, Uri url, string? reply)
    {
        BitsUploadClient client = new(http, new BitsUploadOptions { ComputeSha256 = true });
        BitsReplyTarget? target = reply is null ? null : BitsReplyTarget.ToFile(reply);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(file), url, target);
        BitsUploadResult result = await job.RunAsync();
        Console.WriteLine($"{result.BytesTransferred} {result.Sha256}");
    }

    // What a program does that was killed: resumes the upload that is saved, or begins.
    private static async Task ContinueAsync(HttpClient http, string file, Uri url, BitsFileCheckpointStore store)
    {
        BitsUploadClient client = new(http, new BitsUploadOptions { CheckpointStore = store, FixedFragmentSize = 64 * 1024 });
        // A process that was killed during its first save leaves an entry without a checkpoint.
        IReadOnlyList<BitsStoredCheckpoint> saved = await store.ListAsync();
        await using IBitsUploadJob job = saved.Select(entry => entry.Checkpoint).SingleOrDefault(open => open is not null) is { } checkpoint
            ? client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file))
            : client.CreateJob(BitsUploadSource.FromFile(file), url);
        await job.RunAsync();
    }

    // One upload after the other, each of them canceled at a random moment.
    private static async Task CancelAsync(HttpClient http, string file, string url, int count, Random random)
    {
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 64 * 1024, ProgressInterval = TimeSpan.Zero });
        for (int i = 0; i < count; i++)
        {
            CancelAt cancel = CancelAt.Random(random, new FileInfo(file).Length);
            await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(file), new Uri($"{url}{i}.bin"));
            Console.WriteLine($"{i} {await cancel.RunAsync(job)} {cancel}");
            await cancel.Fired;
        }
    }
}
