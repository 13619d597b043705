using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>An upload job from its making to its end, and what is told of it: progress on stderr, how it ended on stdout.</summary>
/// <param name="terminal">Where it is told.</param>
/// <param name="file">What is uploaded.</param>
/// <param name="url">Where it goes, as it may be shown.</param>
/// <param name="json">Whether the end is told for a program to read, a failure included.</param>
/// <param name="plain">Whether progress is lines even where a bar would do, because others write there too.</param>
internal sealed class UploadRun(Terminal terminal, string file, string url, bool json, bool plain)
{
    /// <summary>Runs the job that <paramref name="make"/> makes. What goes wrong is thrown, to end as an exit code in <see cref="CommandLine"/>.</summary>
    public async Task<int> RunAsync(Func<BitsUploadJob> make, CancellationToken stop)
    {
        BitsUploadJob? job = null;
        try
        {
            job = make();
            BitsUploadResult result = await ProgressDisplay.ShowAsync(
                terminal, Path.GetFileName(file), plain, progress => job.RunAsync(progress, stop));
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
}
