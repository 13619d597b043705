using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue watch'.</summary>
internal sealed class QueueWatchCommand : Command
{
    private readonly QueuedUploadArgument _upload = new();
    private readonly Terminal _terminal;

    public QueueWatchCommand(Terminal terminal)
        : base("watch", "Shows the progress of an upload of a queue until it ends. Ctrl-C ends only this, not the upload.")
    {
        _terminal = terminal;
        _upload.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            await _upload.UseAsync(parsed, (queue, upload) => WatchAsync(queue, upload.Id, cancellationToken), cancellationToken);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new WaitEndedException("Stopped watching. This does not affect the upload.");
        }
    }

    private async Task WatchAsync(IBitsUploadQueue queue, Guid id, CancellationToken cancellationToken)
    {
        string shown = "";
        await foreach (BitsQueuedUpload upload in queue.WatchAsync(id, cancellationToken))
        {
            if (upload.IsEnded)
            {
                await EndAsync(upload);
                return;
            }

            string state = QueuedUploadLine.StateOf(upload);
            if (state != shown)
            {
                shown = state;
                await _terminal.Error.WriteLineAsync(state);
            }
        }
    }

    private Task EndAsync(BitsQueuedUpload upload) => upload switch
    {
        { Status: BitsQueueStatus.Transferred } => _terminal.Out.WriteLineAsync(OneLine.Of(
            $"Uploaded '{upload.Request.Path}' to {ShownUrl.Of(upload.Request.Url)}: "
            + $"{UploadSummary.Count(upload.BytesAcknowledged, "byte")}")),
        { CancelOutcome: BitsCancelOutcome.SessionCanceled or BitsCancelOutcome.NotStarted } =>
            throw new ToolException("The upload was canceled."),
        { CancelOutcome: { } outcome } => throw new ToolException($"The upload was canceled: {QueueWords.Of(outcome)}."),
        _ => throw new ToolException(upload.Error ?? "The upload failed."),
    };
}
