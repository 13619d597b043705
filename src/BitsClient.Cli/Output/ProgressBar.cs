using System.Diagnostics;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>
/// Shows progress as a bar: first the part of the file that was sent, then the downloaded bytes of the reply. The part never falls back,
/// also if the upload starts over in a new session.
/// </summary>
internal sealed class ProgressBar(ProgressTask task) : IProgress<BitsUploadProgress>
{
    private double _highest;

    public void Report(BitsUploadProgress value)
    {
        _highest = Math.Max(_highest, value.Fraction);
        value = value with { Fraction = _highest };
        task.State.Update<LastReport>(BarColumn.Key, _ => new LastReport(value, Stopwatch.GetTimestamp()));
        (task.MaxValue, task.Value) = value.Status is BitsUploadStatus.DownloadingReply
            ? (value.ReplyTotal ?? double.MaxValue, value.ReplyBytes)
            : (1.0, value.Fraction);
    }

    /// <summary>The last report.</summary>
    /// <param name="Progress">The progress.</param>
    /// <param name="At">When it was reported.</param>
    internal readonly record struct LastReport(BitsUploadProgress Progress, long At);
}
