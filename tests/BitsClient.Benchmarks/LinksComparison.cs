namespace BitsClient.Benchmarks;

/// <summary>Uploads over lines with a delay and a rate.</summary>
internal sealed record LinksComparison(Link[] Links, int Count, int Seconds, long? Limit)
{
    private const long MaxBytes = 512 * 1024 * 1024;

    private static readonly Contender[] All =
        [Contenders.Put, Contenders.Ours, Contenders.OursAgain, Contenders.Patch, Contenders.Google];

    public async Task RunAsync()
    {
        await using SinkProcess sink = await SinkProcess.StartAsync(Limit);
        await Rounds.CompileAsync(All, sink);
        Table table = new(["Round trip", "Rate", "File", .. All.Select(contender => contender.Name)]);
        foreach (Link link in Links)
        {
            long bytes = (long)Math.Min(link.BytesPerSecond * Seconds, MaxBytes);
            using TestFile file = new(bytes);
            using SlowLine line = new(sink.Http, link);
            using Trial trial = new(line.Address, sink.Raw, file.Path, SlowLine.SocketBuffer);
            Rounds rounds = await Rounds.RunAsync(All, Count, trial);
            table.Add(
            [
                FormattableString.Invariant($"{link.RoundTrip.TotalMilliseconds} ms"),
                FormattableString.Invariant($"{link.Megabits} Mbit/s"),
                FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
                .. All.Select(contender => rounds.Ratios(contender, Contenders.Put).ToString()),
            ]);
        }

        table.Print();
    }
}
