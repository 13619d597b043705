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
            await Rounds.RunAsync([Contenders().Single(contender => contender.Name == Only)], 1, trial);
            PeakMemory.Print();
            return;
        }

        Rounds rounds = await Rounds.RunAsync([.. Contenders()], Count, trial);
        await PrintAsync(rounds);
    }

    // With a limit, the whole file is not a fragment that the server accepts.
    private IEnumerable<Contender> Contenders() =>
    [
        Benchmarks.Contenders.Put,
        .. Limit is null ? [Benchmarks.Contenders.Bare] : Array.Empty<Contender>(),
        Benchmarks.Contenders.Ours,
        .. new[] { 1, 4, 13, 28 }.Select(size => Benchmarks.Contenders.OursFixed($"ours-{size}", size * 1024 * 1024)),
        Benchmarks.Contenders.Patch,
        Benchmarks.Contenders.Google,
        Benchmarks.Contenders.RawSocket,
    ];

    private async Task PrintAsync(Rounds rounds)
    {
        Table table = new("Contender", "Ratio: median", "min", "max", "MiB/s", "CPU s/GiB", "Allocated MiB", "Peak MiB");
        foreach (Contender contender in rounds.Contenders)
        {
            Spread ratios = rounds.Ratios(contender, Benchmarks.Contenders.Put);
            double peak = await PeakMemory.OfAsync(contender, Arguments()) / Mebi;
            table.Add(
                contender.Name, Number(ratios.Median, 3), Number(ratios.Min, 3), Number(ratios.Max, 3),
                Number(rounds.Of(contender, sample => Bytes / Mebi / sample.Time.TotalSeconds).Median, 0),
                Number(rounds.Of(contender, sample => sample.Cpu.TotalSeconds / (Bytes / Mebi / 1024)).Median, 2),
                Number(rounds.Of(contender, sample => sample.Allocated / Mebi).Median, 2), Number(peak, 0));
        }

        table.Print();
    }

    private IEnumerable<string> Arguments()
    {
        string[] limit = Limit is { } bytes ? ["--limit", bytes.ToString(CultureInfo.InvariantCulture)] : [];
        return ["compare", "loopback", "--bytes", Bytes.ToString(CultureInfo.InvariantCulture), .. limit];
    }

    private static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
