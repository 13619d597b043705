using System.Globalization;

namespace BitsClient.Benchmarks;

/// <summary>Many uploads of 1 MiB at once.</summary>
internal sealed record ParallelComparison(int Uploads, int Count, string? Only)
{
    private const int Bytes = 1024 * 1024;

    private static readonly Contender[] All = [Contenders.Put, Contenders.Bare, Contenders.Ours];

    public async Task RunAsync()
    {
        using TestFile file = new(Bytes);
        await using SinkProcess sink = await SinkProcess.StartAsync();
        using Trial trial = new(sink.Http, sink.Raw, file.Path);
        if (Only is not null)
        {
            await Rounds.RunAsync([All.Single(contender => contender.Name == Only)], 1, trial, RepeatAsync);
            PeakMemory.Print();
            return;
        }

        // The first round opens the connections.
        await Rounds.RunAsync(All, 1, trial, RepeatAsync);
        await PrintAsync(await Rounds.RunAsync(All, Count, trial, RepeatAsync));
    }

    private Task RepeatAsync(Func<Task> upload) => Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => upload()));

    private async Task PrintAsync(Rounds rounds)
    {
        Table table = new("Contender", "put / contender", "CPU ms/upload", "Peak MiB");
        string[] arguments = ["compare", "small", "--parallel", "--uploads", Uploads.ToString(CultureInfo.InvariantCulture)];
        foreach (Contender contender in All)
        {
            double peak = await PeakMemory.OfAsync(contender, arguments);
            table.Add(
                contender.Name,
                rounds.Ratios(contender, Contenders.Put).ToString(),
                Table.Number(rounds.Of(contender, sample => sample.Cpu.TotalMilliseconds / Uploads).Median, 2),
                Table.Number(peak / Bytes));
        }

        table.Print();
    }
}
