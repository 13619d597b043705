using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>An upload job from its making to its end, and what is told of it: progress on stderr, how it ended on stdout.</summary>
/// <param name="terminal">Where it is told.</param>
/// <param name="connection">What the job sends over, and what knows why a request failed.</param>
/// <param name="file">What is uploaded.</param>
/// <param name="url">Where it goes, as it may be shown.</param>
/// <param name="json">Whether the end is told for a program to read, a failure included.</param>
/// <param name="plain">Whether progress is lines even where a bar would do, because others write there too.</param>
internal sealed class UploadRun(Terminal terminal, ServerConnection connection, string file, string url, bool json, bool plain)
{
    private readonly ProgressDisplay _display = new(terminal, () => connection.Trouble, plain);

    /// <summary>Runs the job that <paramref name="make"/> makes. What goes wrong is thrown, to end as an exit code in <see cref="CommandLine"/>.</summary>
    public async Task<int> RunAsync(Func<BitsUploadJob> make, CancellationToken stop)
    {
        BitsUploadJob? job = null;
        try
        {
            job = make();
            BitsUploadResult result = await _display.ShowAsync(Path.GetFileName(file), progress => RunAsync(job, progress, stop));
            await terminal.Out.WriteLineAsync(json ? UploadReport.Of(url, result).ToJson() : UploadSummary.Of(file, url, result));
            return ExitCode.Done;
        }
        catch (Exception e) when (json)
        {
            await terminal.Out.WriteLineAsync(UploadReport.Of(url, job?.SessionId, e).ToJson());
            throw;
        }
        finally
        {
            if (job is not null)
            {
                await job.DisposeAsync();
            }
        }
    }

    private async Task<BitsUploadResult> RunAsync(BitsUploadJob job, IProgress<BitsUploadProgress> progress, CancellationToken stop)
    {
        Task<BitsUploadResult> running = job.RunAsync(progress, stop);

        // Registered after the job's own, hence called before it: a cancel may take a while, and is told at once.
        await using CancellationTokenRegistration telling = stop.UnsafeRegister(
            _ => _display.Notice("Cancelling the session. A second Ctrl-C ends without waiting."), state: null);
        return await running;
    }
}
