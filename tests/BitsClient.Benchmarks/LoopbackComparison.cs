using System.Globalization;

namespace BitsClient.Benchmarks;

/// <summary>Uploads of one large file over the loopback, where only the processor limits the rate.</summary>
internal sealed record LoopbackComparison(long Bytes, int Count, string? Only, long? Limit)
{
    private const double Mebi = 1024 * 1024;

    public async Task RunAsync()
    {
        using TestFile file = new(Bytes);
        await using SinkProcess sink = await SinkProcess.StartAsync(Limit);
        using Trial trial = new(sink.Http, sink.Raw, file.Path);
        if (Only is not null)
        {
            await Rounds.RunAsync([All().Single(contender => contender.Name == Only)], 1, trial);
            PeakMemory.Print();
            return;
        }

        Contender[] contenders = [.. All()];
        await Rounds.CompileAsync(contenders, sink);
        await PrintAsync(await Rounds.RunAsync(contenders, Count, trial));
    }

    // With a limit, the server does not accept the whole file as a fragment.
    private IEnumerable<Contender> All() =>
    [
        Contenders.Put,
        .. Limit is null ? [Contenders.Bare] : Array.Empty<Contender>(),
        Contenders.Ours,
        .. from size in new[] { 1, 4, 13, 28 }
           where Limit is null || size * Mebi <= Limit
           select Contenders.OursFixed($"ours-{size}", size * (int)Mebi),
        Contenders.Patch,
        Contenders.Google,
        Contenders.RawSocket,
    ];

    private async Task PrintAsync(Rounds rounds)
    {
        Table table = new("Contender", "Ratio: median", "min", "max", "MiB/s", "CPU s/GiB", "Allocated MiB", "Peak MiB");
        foreach (Contender contender in rounds.Contenders)
        {
            Spread ratios = rounds.Ratios(contender, Contenders.Put);
            double peak = await PeakMemory.OfAsync(contender, Arguments()) / Mebi;
            table.Add(
                contender.Name, Table.Number(ratios.Median, 3), Table.Number(ratios.Min, 3), Table.Number(ratios.Max, 3),
                Table.Number(rounds.Of(contender, sample => Bytes / Mebi / sample.Time.TotalSeconds).Median),
                Table.Number(rounds.Of(contender, sample => sample.Cpu.TotalSeconds / (Bytes / Mebi / 1024)).Median, 2),
                Table.Number(rounds.Of(contender, sample => sample.Allocated / Mebi).Median, 2), Table.Number(peak));
        }

        table.Print();
    }

    private IEnumerable<string> Arguments()
    {
        string[] limit = Limit is { } bytes ? ["--limit", bytes.ToString(CultureInfo.InvariantCulture)] : [];
        return ["compare", "loopback", "--bytes", Bytes.ToString(CultureInfo.InvariantCulture), .. limit];
    }
}
