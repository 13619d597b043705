using System.Collections.Concurrent;
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
    private IOException? _writeFailure;

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
        Warnings = new WarningLog(text => _display.Notice(ToolWords.Of(text)), ignored: ["Retrying", "Failed", "CancelFailed"]);
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
        ConcurrentQueue<PlannedUpload> waiting = new(uploads);
        await _display.ShowAllAsync(total, async rows =>
        {
            // Those that are running then can take a while to cancel.
            await using CancellationTokenRegistration stopping =
                _signals.Token.UnsafeRegister(_ => EndWaiting(waiting, total), state: null);
            await Task.WhenAll(Enumerable.Range(0, Math.Min(parallel, uploads.Count)).Select(_ => RunWaitingAsync(waiting, total, rows)));
        });
        string summary = total.Summary();
        if (_json)
        {
            _terminal.WriteNotice(summary);
        }
        else
        {
            Write(() => _terminal.Out.WriteLine(summary));
        }

        if (_writeFailure is not null)
        {
            ExceptionDispatchInfo.Throw(_writeFailure);
        }

        return total.IsCompleted ? ExitCode.Done
            : _signals.Token.IsCancellationRequested ? _signals.ExitCode
            : ExitCode.Failed;
    }

    private async Task RunWaitingAsync(ConcurrentQueue<PlannedUpload> waiting, BatchTotal total, ProgressRows rows)
    {
        // A source may be slow to open before anything is awaited.
        await Task.Yield();
        while (waiting.TryDequeue(out PlannedUpload? upload))
        {
            using ProgressRow row = rows.Begin(upload.Subject.File, upload.Length);
            End(upload, await _upload.RunAsync(upload, run => run(row)), total);
        }
    }

    private void EndWaiting(ConcurrentQueue<PlannedUpload> waiting, BatchTotal total)
    {
        while (waiting.TryDequeue(out PlannedUpload? upload))
        {
            End(upload, _upload.NotStarted(upload), total);
        }
    }

    private void End(PlannedUpload upload, UploadEnd end, BatchTotal total)
    {
        total.Count(end);
        if (end.Output is not null)
        {
            Write(() => _display.Result(end.Output));
        }

        // After a signal, what was never started needs no message.
        if (end.Failure is { } failure && failure.GetType() != typeof(OperationCanceledException))
        {
            _display.Error($"{upload.Subject.File}: {ErrorText.Of(failure)}");
        }
    }

    // A stdout that cannot be written must not stop the other uploads. It ends the command with an error.
    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            _writeFailure ??= e;
        }
    }

    // An error while writing must not replace the upload's own error.
    private void WriteSafely(string line)
    {
        using NonThrowingWriter output = new(_terminal.Out);
        output.WriteLine(line);
    }
}
