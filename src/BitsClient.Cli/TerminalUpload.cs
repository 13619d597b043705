using BitsClient.Cli.Output;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli;

/// <summary>Runs an upload job. Writes progress to stderr and the result to stdout.</summary>
internal sealed class TerminalUpload
{
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;
    private readonly SavedUploads? _saved;
    private readonly bool _json;
    private readonly ProgressDisplay _display;

    /// <summary>Creates a run.</summary>
    /// <param name="terminal">Where to write.</param>
    /// <param name="signals">The signals that stop the upload.</param>
    /// <param name="saved">Where checkpoints are saved, so that a failure or SIGTERM keeps the session; null for none.</param>
    /// <param name="json">Whether to write the result as JSON, also after a failure.</param>
    /// <param name="plain">Whether to show progress as lines even on a terminal, because a trace is written there as well.</param>
    public TerminalUpload(Terminal terminal, StopSignals signals, SavedUploads? saved, bool json, bool plain)
    {
        _terminal = terminal;
        _signals = signals;
        _saved = saved;
        _json = json;
        _display = new ProgressDisplay(terminal, plain);

        // Progress and the final error message already report these.
        Warnings = new WarningLog(_display.Notice, ignored: ["Retrying", "Failed", "CancelFailed"]);
    }

    /// <summary>Shows the library's warnings to the user.</summary>
    public ILoggerFactory Warnings { get; }

    /// <summary>Writes a message during the upload.</summary>
    public void Notice(string text) => _display.Notice(text);

    /// <summary>Creates and runs a job. Throws if it fails; <see cref="CommandLine"/> turns the exception into an exit code.</summary>
    public async Task<int> RunAsync(UploadSubject subject, Func<Task<IBitsUploadJob>> createJobAsync)
    {
        IBitsUploadJob? job = null;
        try
        {
            job = await createJobAsync();
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
                // An error while writing must not replace the upload's own error.
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

        // Stop() writes its notice before it stops the job, which can take a while.
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
            _display.Notice("Canceling the session. A second Ctrl-C quits without waiting.");
            _ = job.CancelAsync();
        }
    }
}
