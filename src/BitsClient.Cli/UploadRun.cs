using BitsClient.Cli.Output;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli;

/// <summary>An upload job from its making to its end, and what is told of it: progress on stderr, how it ended on stdout.</summary>
internal sealed class UploadRun
{
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;
    private readonly SavedUploads? _saved;
    private readonly bool _json;
    private readonly ProgressDisplay _display;

    /// <param name="terminal">Where it is told.</param>
    /// <param name="signals">What may stop it.</param>
    /// <param name="saved">Where its state is saved, so that a failure or a SIGTERM keeps the session; null for nowhere.</param>
    /// <param name="json">Whether the end is told for a program to read, a failure included.</param>
    /// <param name="plain">Whether progress is lines even where a bar would do, because others write there too.</param>
    public UploadRun(Terminal terminal, StopSignals signals, SavedUploads? saved, bool json, bool plain)
    {
        _terminal = terminal;
        _signals = signals;
        _saved = saved;
        _json = json;
        _display = new ProgressDisplay(terminal, plain);

        // Progress and the error at the end tell these.
        Warnings = new WarningLog(_display.Notice, toldElsewhere: ["Retrying", "Failed", "CancelFailed"]);
    }

    /// <summary>Tells the library's warnings.</summary>
    public ILoggerFactory Warnings { get; }

    /// <summary>Runs the job that <paramref name="make"/> makes. What goes wrong is thrown, to end as an exit code in <see cref="CommandLine"/>.</summary>
    public async Task<int> RunAsync(UploadSubject subject, Func<IBitsUploadJob> make)
    {
        IBitsUploadJob? job = null;
        try
        {
            job = make();
            BitsUploadResult result = await _display.ShowAsync(Path.GetFileName(subject.File), progress => RunAsync(job, progress));
            await _terminal.Out.WriteLineAsync(
                _json ? UploadReport.Of(subject.Url, job.Id, result).ToJson() : UploadSummary.Of(subject.File, subject.Url, result));
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            UploadSubject known = job is null ? subject : subject with { Id = job.Id, Session = job.SessionId };
            Exception failure = _saved is not null && known.Id is { } id ? KeptUploadException.Of(e, _saved, id) : e;
            if (_json)
            {
                // What failed counts, not that it could not be told.
                await using NonThrowingWriter output = new(_terminal.Out);
                await output.WriteLineAsync(UploadReport.Of(known, failure).ToJson());
            }

            if (failure != e)
            {
                throw failure;
            }

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

    private async Task<BitsUploadResult> RunAsync(IBitsUploadJob job, IProgress<BitsUploadProgress> progress)
    {
        using CancellationTokenSource stop = new();
        Task<BitsUploadResult> running = job.RunAsync(progress, stop.Token);

        // What is told goes first: the end may take a while.
        await using CancellationTokenRegistration stopping = _signals.Token.UnsafeRegister(_ => Stop(job, stop), state: null);
        return await running;
    }

    private void Stop(IBitsUploadJob job, CancellationTokenSource stop)
    {
        if (_saved is not null && _signals.IsTermination)
        {
            _display.Notice("Stopping; the session is kept.");
            stop.Cancel();
        }
        else
        {
            _display.Notice("Canceling the session. A second Ctrl-C ends without waiting.");
            _ = job.CancelAsync();
        }
    }
}
