using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows progress as a bar: first the part of the file that was sent, then the downloaded bytes of the reply.</summary>
internal sealed class ProgressBar(ProgressTask task) : IProgress<BitsUploadProgress>
{
    public void Report(BitsUploadProgress value)
    {
        task.State.Update<BitsUploadProgress>(BarText.Key, _ => value);
        (task.MaxValue, task.Value) = value.Status is BitsUploadStatus.DownloadingReply
            ? (value.ReplyTotal ?? double.MaxValue, value.ReplyBytes)
            : (1.0, value.Fraction);
    }
}
