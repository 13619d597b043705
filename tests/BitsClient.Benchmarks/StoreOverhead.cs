using System.Diagnostics;
using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.Benchmarks;

/// <summary>
/// Measures the cost of saving checkpoints in a folder: uploads over the loopback in pairs, one with a store and one without. The order
/// within a pair alternates, so that a machine that gets slower or faster meanwhile favors neither.
/// </summary>
internal sealed class StoreOverhead : IAsyncDisposable
{
    // The server's files are in memory where possible, because its disk is not what is measured. The checkpoints are on disk.
    private readonly DirectoryInfo _files = Directory.CreateDirectory(
        Path.Combine(TestFile.Folder, $"bitsclient-{Guid.NewGuid():N}"));

    private readonly DirectoryInfo _checkpoints = Directory.CreateTempSubdirectory("bitsclient-");
    private readonly byte[] _bytes;
    private readonly BitsTestServer _server;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private BitsTestHost? _host;

    private StoreOverhead(int bytes)
    {
        _bytes = new byte[bytes];
        new Random(1).NextBytes(_bytes);
        _server = new BitsTestServer(new BitsTestServerOptions { StorageDirectory = _files.FullName });
    }

    public static async Task<StoreOverhead> StartAsync(int bytes)
    {
        StoreOverhead overhead = new(bytes);
        overhead._host = await BitsTestHost.StartAsync(overhead._server);
        return overhead;
    }

    public async Task MeasureAsync(int pairs)
    {
        await UploadAsync(withStore: false);
        await UploadAsync(withStore: true);
        List<(TimeSpan With, TimeSpan Without)> times = [];
        for (int i = 0; i < pairs; i++)
        {
            bool storeFirst = i % 2 == 0;
            TimeSpan first = await UploadAsync(storeFirst);
            TimeSpan second = await UploadAsync(!storeFirst);
            (TimeSpan with, TimeSpan without) = storeFirst ? (first, second) : (second, first);
            times.Add((with, without));
            (double withMs, double withoutMs) = (with.TotalMilliseconds, without.TotalMilliseconds);
            Print($"pair {i + 1,2}: with {withMs,7:0} ms, without {withoutMs,7:0} ms, ratio {with / without:0.000}");
        }

        double[] ratios = [.. times.Select(pair => pair.With / pair.Without).Order()];
        double fastest = times.Min(pair => pair.With) / times.Min(pair => pair.Without);
        double median = ratios[pairs / 2];
        Print($"{_bytes.Length:#,0} bytes, {pairs} pairs: with / without a store: median {median:0.000}, fastest of each {fastest:0.000}");
    }

    public async ValueTask DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? ValueTask.CompletedTask);
        _http.Dispose();
        _server.Dispose();
        _files.Delete(recursive: true);
        _checkpoints.Delete(recursive: true);
    }

    private async Task<TimeSpan> UploadAsync(bool withStore)
    {
        BitsFileCheckpointStore? store = withStore ? new BitsFileCheckpointStore(_checkpoints.FullName) : null;
        BitsUploadClient client = new(_http, new BitsUploadOptions { CheckpointStore = store });
        GC.Collect();
        long began = Stopwatch.GetTimestamp();
        await using (IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(_bytes), new Uri(_host!.BaseAddress, "file.bin")))
        {
            await job.RunAsync();
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
