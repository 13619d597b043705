namespace BitsClient.Benchmarks;

/// <summary>
/// The bytes that the library allocates beyond the same packets by hand. For a fragment, a file is compared with one of twice its length,
/// so that what an upload allocates once does not count.
/// </summary>
internal sealed record AllocationComparison(int Count)
{
    private const int SmallBytes = 10_000;
    private const int Uploads = 200;

    private static readonly (string Name, int Size, int Fragments)[] Sizes =
        [("64 KiB", 64 * 1024, 256), ("1 MiB", 1024 * 1024, 64), ("16 MiB", 16 * 1024 * 1024, 8)];

    public async Task RunAsync()
    {
        await using SinkProcess sink = await SinkProcess.StartAsync();
        Table table = new("Allocated bytes", "bare", "ours", "beyond");
        foreach ((string name, int size, int fragments) in Sizes)
        {
            Contender[] contenders = [Contenders.BareFixed(size), Contenders.OursFixed("ours", size)];
            double[] once = await MeasureAsync(sink, contenders, (long)size * fragments, 1);
            double[] twice = await MeasureAsync(sink, contenders, (long)size * fragments * 2, 1);
            Add(table, $"per fragment of {name}", (twice[0] - once[0]) / fragments, (twice[1] - once[1]) / fragments);
        }

        double[] small = await MeasureAsync(sink, [Contenders.Bare, Contenders.Ours], SmallBytes, Uploads);
        Add(table, "per upload of 10 KB", small[0], small[1]);
        table.Print();
    }

    // The first round is not counted: it compiles the code and fills pools.
    private async Task<double[]> MeasureAsync(SinkProcess sink, Contender[] contenders, long bytes, int uploads)
    {
        using TestFile file = new(bytes);
        using Trial trial = new(sink.Http, sink.Raw, file.Path);
        await Rounds.RunAsync(contenders, 1, trial, Rounds.InTurn(uploads));
        Rounds rounds = await Rounds.RunAsync(contenders, Count, trial, Rounds.InTurn(uploads));
        return [.. contenders.Select(contender => rounds.Of(contender, sample => (double)sample.Allocated / uploads).Median)];
    }

    private static void Add(Table table, string name, double bare, double ours) =>
        table.Add(name, Table.Number(bare), Table.Number(ours), Table.Number(ours - bare));
}
