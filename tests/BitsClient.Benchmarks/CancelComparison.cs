using System.Diagnostics;

namespace BitsClient.Benchmarks;

/// <summary>
/// How soon the client sends Cancel-Session when an upload is canceled in the middle of a fragment, whose connection is closed: another
/// connection takes a round trip.
/// </summary>
internal sealed record CancelComparison(Link[] Links, int Count)
{
    private const int Seconds = 10;

    // By then, a fragment is sent that takes longer than a second, so that it is not awaited.
    private static readonly TimeSpan Uploading = TimeSpan.FromSeconds(3);

    public async Task RunAsync()
    {
        await using SinkProcess sink = await SinkProcess.StartAsync();
        Table table = new("Round trip", "Rate", "Cancel-Session sent after, ms", "In theory");
        foreach (Link link in Links)
        {
            using TestFile file = new((long)(link.BytesPerSecond * Seconds));
            using SlowLine line = new(sink.Http, link);
            using Trial trial = new(line.Address, sink.Raw, file.Path, SlowLine.SocketBuffer);

            // The first cancel is not counted: it compiles the code.
            await CancelAsync(trial, line);
            List<TimeSpan> times = [];
            for (int i = 0; i < Count; i++)
            {
                times.Add(await CancelAsync(trial, line));
            }

            table.Add(
                Table.Number(link.RoundTrip.TotalMilliseconds) + " ms",
                Table.Number(link.Megabits) + " Mbit/s",
                new Spread(times.Select(time => time.TotalMilliseconds)).ToString(),
                Table.Number(link.RoundTrip.TotalMilliseconds));
        }

        table.Print();
    }

    private static async Task<TimeSpan> CancelAsync(Trial trial, SlowLine line)
    {
        BitsUploadClient client = new(trial.Http);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(trial.Path), trial.Url);
        Task running = job.RunAsync();
        await Task.Delay(Uploading);
        long began = Stopwatch.GetTimestamp();
        BitsCancelOutcome outcome = await job.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return outcome is BitsCancelOutcome.SessionCanceled && line.NewestSentAt > began
            ? Stopwatch.GetElapsedTime(began, line.NewestSentAt)
            : throw new InvalidOperationException($"The outcome of the cancel is {outcome}, or it had no connection of its own.");
    }
}
