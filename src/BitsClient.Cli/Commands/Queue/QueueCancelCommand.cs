using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue cancel'.</summary>
internal sealed class QueueCancelCommand : Command
{
    private readonly QueuedUploadArgument _upload = new();
    private readonly Terminal _terminal;

    public QueueCancelCommand(Terminal terminal)
        : base("cancel", "Cancels an upload of a queue, wherever it runs. If a session is open on the server, 'queue run' ends it.")
    {
        _terminal = terminal;
        _upload.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await _upload.UseAsync(parsed, (queue, upload) => CancelAsync(queue, upload, cancellationToken), cancellationToken);
        return ExitCode.Done;
    }

    private async Task CancelAsync(IBitsUploadQueue queue, BitsQueuedUpload upload, CancellationToken cancellationToken)
    {
        BitsCancelOutcome outcome = await QueuedUploadArgument.WaitAsync(
            _terminal, queue.CancelAsync(upload.Id, cancellationToken),
            "Waiting for 'queue run' to end the session. Ctrl-C ends the wait; the upload is canceled nevertheless.");
        string line = QueuedUploadArgument.Line(upload, QueueWords.Of(outcome));
        if (outcome is BitsCancelOutcome.Unconfirmed)
        {
            throw new ToolException(line);
        }

        await _terminal.Out.WriteLineAsync(line);
    }
}
