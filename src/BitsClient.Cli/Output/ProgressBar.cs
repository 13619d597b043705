using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Progress as a bar of what the server has acknowledged.</summary>
internal sealed class ProgressBar(ProgressTask task) : IProgress<BitsUploadProgress>
{
    public void Report(BitsUploadProgress value)
    {
        task.State.Update<BitsUploadProgress>(BarText.Key, _ => value);
        task.MaxValue = value.BytesTotal;
        task.Value = value.BytesAcknowledged;
    }
}
