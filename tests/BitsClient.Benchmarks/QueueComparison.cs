using System.Diagnostics;
using BitsClient.Queue;
using BitsClient.Queue.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Benchmarks;

/// <summary>Many small uploads, some at a time: without a queue, and with one in SQLite and in PostgreSQL.</summary>
internal sealed record QueueComparison(int Uploads, int Parallel)
{
    private const int Bytes = 10_000;
    private const int Enqueued = 200;

    public async Task RunAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-");
        using PostgreSqlServer? server = PostgreSqlServer.Lack is null ? await PostgreSqlServer.StartAsync() : null;
        try
        {
            using TestFile file = new(Bytes);
            await using SinkProcess sink = await SinkProcess.StartAsync();
            using Trial trial = new(sink.Http, sink.Raw, file.Path);
            Table table = new("Uploads", "Uploads/s", "Ratio", "Enqueue, median ms", "Managed MiB after");
            await WithoutAsync(trial, store: null);
            double without = await WithoutAsync(trial, store: null);
            Add(table, "without a queue", without, without, enqueue: null);
            BitsFileCheckpointStore store = new(Path.Combine(folder.FullName, "store"));
            Add(table, "without a queue, with a file store", await WithoutAsync(trial, store), without, enqueue: null);
            string sqlite = Path.Combine(folder.FullName, "queue.db");
            await AddQueueAsync(table, "SQLite", trial, without, queue => queue.UseSqlite(sqlite));
            if (server is not null)
            {
                await AddQueueAsync(table, "PostgreSQL", trial, without, queue => queue.UsePostgreSql(server.ConnectionString));
            }

            table.Print();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Add(Table table, string name, double rate, double without, double? enqueue) => table.Add(
        name,
        Table.Number(rate),
        Table.Number(rate / without, 2),
        enqueue is { } milliseconds ? Table.Number(milliseconds, 1) : "",
        Table.Number(GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, 1));

    private async Task<double> WithoutAsync(Trial trial, BitsFileCheckpointStore? store)
    {
        BitsUploadClient client = new(trial.Http, new BitsUploadOptions { CheckpointStore = store, ResumeExisting = false });
        long begun = Stopwatch.GetTimestamp();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(0, Uploads),
            new ParallelOptions { MaxDegreeOfParallelism = Parallel },
            async (_, token) => await client.UploadFileAsync(trial.Path, trial.Url, cancellationToken: token));
        return Uploads / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    // All of them are waiting when the first one begins.
    private async Task AddQueueAsync(Table table, string name, Trial trial, double without, Action<BitsUploadQueueOptions> use)
    {
        IHost enqueuing = Build(trial, options =>
        {
            use(options);
            options.MaxConcurrentUploads = 0;
        });
        IBitsUploadQueue queue = enqueuing.Services.GetRequiredService<IBitsUploadQueue>();
        await queue.InitializeAsync();
        BitsUploadRequest request = new() { Path = trial.Path, Url = trial.Url };
        List<double> times = [];
        for (int i = 0; i < Enqueued; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            await queue.EnqueueAsync(request);
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }

        double enqueue = new Spread(times).Median;
        Guid last = Guid.Empty;
        for (int i = Enqueued; i < Uploads; i++)
        {
            last = await queue.EnqueueAsync(request);
        }

        enqueuing.Dispose();
        using IHost host = Build(trial, options =>
        {
            use(options);
            options.MaxConcurrentUploads = Parallel;
        });
        long begun = Stopwatch.GetTimestamp();
        await host.StartAsync();
        queue = host.Services.GetRequiredService<IBitsUploadQueue>();
        await queue.WaitAsync(last);
        while ((await queue.ListAsync(BitsQueueStatus.Transferring, 1)).Count > 0)
        {
            await Task.Delay(1);
        }

        double rate = Uploads / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await host.StopAsync();
        Add(table, $"queue in {name}", rate, without, enqueue);
    }

    private static IHost Build(Trial trial, Action<BitsUploadQueueOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddKeyedSingleton<IBitsUploadClient>("", new BitsUploadClient(trial.Http));
        builder.Services.AddBitsUploadQueue(configure);
        return builder.Build();
    }
}
