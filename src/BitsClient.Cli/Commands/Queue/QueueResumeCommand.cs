using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue resume'.</summary>
internal sealed class QueueResumeCommand : Command
{
    private readonly QueuedUploadArgument _upload = new();
    private readonly Terminal _terminal;

    public QueueResumeCommand(Terminal terminal)
        : base("resume", "Lets an upload of a queue continue that was suspended, has failed, or waits after a failure.")
    {
        _terminal = terminal;
        _upload.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await _upload.UseAsync(parsed, (queue, upload) => ResumeAsync(queue, upload.Id, cancellationToken), cancellationToken);
        return ExitCode.Done;
    }

    private async Task ResumeAsync(IBitsUploadQueue queue, Guid id, CancellationToken cancellationToken)
    {
        BitsQueuedUpload upload = await queue.ResumeAsync(id, cancellationToken);
        if (upload.IsEnded)
        {
            throw new ToolException(QueuedUploadArgument.Line(upload, $"cannot be resumed: {QueuedUploadLine.StateOf(upload)}"));
        }

        await _terminal.Out.WriteLineAsync(QueuedUploadArgument.Line(upload, QueueWords.Of(upload.Status)));
    }
}
