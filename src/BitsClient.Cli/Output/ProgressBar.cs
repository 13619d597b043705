using System.Diagnostics;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>
/// Shows progress as a bar: first the part of the file that was sent, then the downloaded bytes of the reply. The part never falls back,
/// also if the upload starts over in a new session.
/// </summary>
/// <param name="task">The row.</param>
/// <param name="isTotal">Whether it is the row of all uploads, which waits for no packet of its own.</param>
internal sealed class ProgressBar(ProgressTask task, bool isTotal = false) : IProgressView
{
    // A row that reaches its maximum counts as ended, although the session has yet to be closed.
    private const double Unreached = 1 + 1e-9;

    private double _highest;

    public void Report(BitsUploadProgress value)
    {
        _highest = Math.Max(_highest, value.Fraction);
        value = value with { Fraction = _highest };
        task.State.Update<LastReport>(BarColumn.Key, _ => new LastReport(value, isTotal ? null : Stopwatch.GetTimestamp()));
        (task.MaxValue, task.Value) = value.Status is BitsUploadStatus.DownloadingReply
            ? (value.ReplyTotal ?? double.MaxValue, value.ReplyBytes)
            : (Unreached, value.Fraction);
    }

    public void Dispose() => task.StopTask();

    /// <summary>The last report.</summary>
    /// <param name="Progress">The progress.</param>
    /// <param name="At">When it was reported; null if it does not matter.</param>
    internal readonly record struct LastReport(BitsUploadProgress Progress, long? At);
}
