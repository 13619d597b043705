namespace BitsClient.Benchmarks;

/// <summary>Uploads over lines with a delay and a rate.</summary>
/// <param name="Links">The lines.</param>
/// <param name="Count">The number of rounds.</param>
/// <param name="Seconds">How long the bytes take; null for about ten seconds.</param>
/// <param name="Limit">The maximum size of a BITS packet, in bytes; null if there is none.</param>
internal sealed record LinksComparison(Link[] Links, int Count, int? Seconds, long? Limit)
{
    private const int MiB = 1024 * 1024;
    private const int DefaultSeconds = 10;

    private static readonly Contender[] All =
        [Contenders.Put, Contenders.Ours, Contenders.OursAgain, Contenders.Patch, Contenders.Google];

    public async Task RunAsync()
    {
        await using SinkProcess sink = await SinkProcess.StartAsync(Limit);
        await Rounds.CompileAsync(All, sink);
        Table table = new(["Round trip", "Rate", "File", .. All.Select(contender => contender.Name)]);
        foreach (Link link in Links)
        {
            long bytes = BytesFor(link);
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

    // By default, 16 MiB, 128 MiB or 1 GiB for the usual lines: the power of two that is nearest to ten seconds.
    private long BytesFor(Link link) => Seconds is { } seconds
        ? (long)(link.BytesPerSecond * seconds)
        : (long)Math.Pow(2, Math.Round(Math.Log2(link.BytesPerSecond * DefaultSeconds / MiB))) * MiB;
}
