using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue suspend'.</summary>
internal sealed class QueueSuspendCommand : Command
{
    private readonly QueuedUploadArgument _upload = new();
    private readonly Terminal _terminal;

    public QueueSuspendCommand(Terminal terminal)
        : base("suspend", "Suspends an upload of a queue, wherever it runs, until 'queue resume'. Its session stays open on the server.")
    {
        _terminal = terminal;
        _upload.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await _upload.UseAsync(parsed, (queue, upload) => SuspendAsync(queue, upload.Id, cancellationToken), cancellationToken);
        return ExitCode.Done;
    }

    private async Task SuspendAsync(IBitsUploadQueue queue, Guid id, CancellationToken cancellationToken)
    {
        BitsQueuedUpload upload = await QueuedUploadArgument.WaitAsync(
            _terminal, queue.SuspendAsync(id, cancellationToken),
            "Waiting for 'queue run' to stop the upload. Ctrl-C ends the wait; the upload is suspended nevertheless.");
        if (upload.Status is not BitsQueueStatus.Suspended)
        {
            throw new ToolException(QueuedUploadArgument.Line(upload, $"cannot be suspended: {QueuedUploadLine.StateOf(upload)}"));
        }

        await _terminal.Out.WriteLineAsync(QueuedUploadArgument.Line(upload, QueueWords.Of(upload.Status)));
    }
}
