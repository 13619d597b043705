namespace BitsClient.Benchmarks;

/// <summary>Many small uploads, one after the other.</summary>
internal sealed record SmallComparison(int Uploads, int Count)
{
    private const int Bytes = 10_000;

    // After fewer uploads, the runtime still replaces code by faster code while it is measured.
    private const int WarmUps = 10;

    public async Task RunAsync()
    {
        DirectoryInfo memory = Directory.CreateDirectory(Path.Combine(TestFile.Folder, $"bitsclient-{Guid.NewGuid():N}"));
        DirectoryInfo disk = Directory.CreateTempSubdirectory("bitsclient-");
        try
        {
            using TestFile file = new(Bytes);
            await using SinkProcess sink = await SinkProcess.StartAsync();
            using Trial trial = new(sink.Http, sink.Raw, file.Path);
            Contender[] contenders =
            [
                Contenders.Bare, Contenders.Ours,
                Contenders.OursWithStore("ours-store", Path.Combine(memory.FullName, "uploads")),
                Contenders.OursWithStore("ours-store-disk", disk.FullName),
            ];
            await Rounds.RunAsync(contenders, WarmUps, trial, Rounds.InTurn(Uploads));
            Print(await Rounds.RunAsync(contenders, Count, trial, Rounds.InTurn(Uploads)));
        }
        finally
        {
            memory.Delete(recursive: true);
            disk.Delete(recursive: true);
        }
    }

    private void Print(Rounds rounds)
    {
        Table table = new("Contender", "Uploads/s", "bare / contender", "CPU ms/upload", "Allocated bytes/upload");
        foreach (Contender contender in rounds.Contenders)
        {
            table.Add(
                contender.Name,
                Table.Number(rounds.Of(contender, sample => Uploads / sample.Time.TotalSeconds).Median, 0),
                rounds.Ratios(contender, Contenders.Bare).ToString(),
                Table.Number(rounds.Of(contender, sample => sample.Cpu.TotalMilliseconds / Uploads).Median, 3),
                Table.Number(rounds.Of(contender, sample => (double)sample.Allocated / Uploads).Median));
        }

        table.Print();
    }
}
