using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of one of several uploads, as a row that disappears when it ends, and adds it to the total.</summary>
/// <param name="total">The total.</param>
/// <param name="length">The length of the file in bytes.</param>
/// <param name="task">The row; null for none.</param>
/// <param name="changed">Called when the total has changed.</param>
internal sealed class ProgressRow(BatchTotal total, long length, ProgressTask? task, Action changed)
    : IProgress<BitsUploadProgress>, IDisposable
{
    private readonly ProgressBar? _bar = task is null ? null : new ProgressBar(task);

    public void Report(BitsUploadProgress value)
    {
        _bar?.Report(value);
        total.Report(this, value);
        changed();
    }

    public void Dispose()
    {
        task?.StopTask();
        total.End(this, length);
        changed();
    }
}
