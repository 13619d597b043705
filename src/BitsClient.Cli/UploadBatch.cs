using System.Runtime.ExceptionServices;
using BitsClient.Cli.Output;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli;

/// <summary>
/// Runs the uploads of a command, several at a time. Writes progress to stderr, and a result for each to stdout. What fails does not stop
/// the others; a signal does.
/// </summary>
internal sealed class UploadBatch
{
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;
    private readonly bool _json;
    private readonly ProgressDisplay _display;
    private readonly TerminalUpload _upload;

    /// <summary>Creates a batch.</summary>
    /// <param name="terminal">Where to write.</param>
    /// <param name="signals">The signals that stop the uploads.</param>
    /// <param name="saved">Where checkpoints are saved, so that a failure or SIGTERM keeps the session; null for none.</param>
    /// <param name="json">Whether to write the results as JSON, also after a failure.</param>
    /// <param name="plain">Whether to show progress as lines even on a terminal, because a trace is written there as well.</param>
    public UploadBatch(Terminal terminal, StopSignals signals, SavedUploads? saved, bool json, bool plain)
    {
        _terminal = terminal;
        _signals = signals;
        _json = json;
        _display = new ProgressDisplay(terminal, plain);
        _upload = new TerminalUpload(signals, saved, json, _display.Notice, WriteSafely);

        // Progress and the final error message already report these.
        Warnings = new WarningLog(_display.Notice, ignored: ["Retrying", "Failed", "CancelFailed"]);
    }

    /// <summary>Shows the library's warnings to the user.</summary>
    public ILoggerFactory Warnings { get; }

    /// <summary>Writes a message during the uploads.</summary>
    public void Notice(string text) => _display.Notice(text);

    /// <summary>Runs an upload. Throws if it fails; <see cref="CommandLine"/> turns the exception into an exit code.</summary>
    public async Task<int> RunAsync(PlannedUpload upload)
    {
        string name = Path.GetFileName(upload.Subject.File);
        UploadEnd end = await _upload.RunAsync(upload, run => _display.ShowAsync(name, run));
        if (end.Failure is null)
        {
            await _terminal.Out.WriteLineAsync(end.Output);
            return ExitCode.Done;
        }

        if (end.Output is not null)
        {
            WriteSafely(end.Output);
        }

        ExceptionDispatchInfo.Throw(end.Failure);
        return ExitCode.Failed;
    }

    /// <summary>Runs uploads. A single one is run as by <see cref="RunAsync(PlannedUpload)"/>.</summary>
    /// <param name="uploads">The uploads.</param>
    /// <param name="parallel">The maximum number that run at the same time.</param>
    public Task<int> RunAsync(IReadOnlyList<PlannedUpload> uploads, int parallel) => uploads switch
    {
        [] => Task.FromResult(ExitCode.Done),
        [var only] => RunAsync(only),
        _ => RunAllAsync(uploads, parallel),
    };

    private async Task<int> RunAllAsync(IReadOnlyList<PlannedUpload> uploads, int parallel)
    {
        BatchTotal total = new(uploads.Count, uploads.Sum(upload => upload.Length), TimeProvider.System);
        ParallelOptions limit = new() { MaxDegreeOfParallelism = parallel };
        await _display.ShowAllAsync(total, rows => Parallel.ForEachAsync(uploads, limit, (upload, _) => RunAsync(upload, total, rows)));
        string summary = total.Summary();
        if (_json)
        {
            _terminal.WriteNotice(summary);
        }
        else
        {
            await _terminal.Out.WriteLineAsync(summary);
        }

        return total.IsCompleted ? ExitCode.Done
            : _signals.Token.IsCancellationRequested ? _signals.ExitCode
            : ExitCode.Failed;
    }

    // An error while writing must not replace the upload's own error.
    private void WriteSafely(string line)
    {
        using NonThrowingWriter output = new(_terminal.Out);
        output.WriteLine(line);
    }

    private async ValueTask RunAsync(PlannedUpload upload, BatchTotal total, ProgressRows rows)
    {
        using ProgressRow row = rows.Begin(upload.Subject.File, upload.Length);
        UploadEnd end = await _upload.RunAsync(upload, run => run(row));
        total.Count(end.Failure, upload.Length);
        if (end.Output is not null)
        {
            _display.Result(end.Output);
        }

        // After a signal, what was never started needs no message.
        if (end.Failure is { } failure && failure.GetType() != typeof(OperationCanceledException))
        {
            _display.Notice($"{upload.Subject.File}: {ErrorText.Of(failure)}");
        }
    }
}
