using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>
/// Shows progress as a bar: first the part of the file that was sent, then the downloaded bytes of the reply. The part never falls back, also
/// if the upload starts over in a new session.
/// </summary>
internal sealed class ProgressBar(ProgressTask task) : IProgress<BitsUploadProgress>
{
    private double _highest;

    public void Report(BitsUploadProgress value)
    {
        _highest = Math.Max(_highest, value.Fraction);
        value = value with { Fraction = _highest };
        task.State.Update<BitsUploadProgress>(BarColumn.Key, _ => value);
        (task.MaxValue, task.Value) = value.Status is BitsUploadStatus.DownloadingReply
            ? (value.ReplyTotal ?? double.MaxValue, value.ReplyBytes)
            : (1.0, value.Fraction);
    }
}
