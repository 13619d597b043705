using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Progress as a bar of what the server has acknowledged, and then of what is here of its reply.</summary>
internal sealed class ProgressBar(ProgressTask task) : IProgress<BitsUploadProgress>
{
    public void Report(BitsUploadProgress value)
    {
        task.State.Update<BitsUploadProgress>(BarText.Key, _ => value);
        (task.MaxValue, task.Value) = value.Status is BitsUploadStatus.DownloadingReply
            ? (value.ReplyTotal ?? double.MaxValue, value.ReplyBytes)
            : (value.BytesTotal, value.BytesAcknowledged);
    }
}
