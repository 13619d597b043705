using System.Globalization;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>The rows of several uploads: one for each that is running, and one below them for the total. Thread-safe.</summary>
internal sealed class ProgressRows
{
    private readonly BatchTotal _total;
    private readonly IProgress<BitsUploadProgress> _progress;
    private readonly Func<string, (IProgress<BitsUploadProgress> Progress, Action End)> _begin;
    private readonly Action _renamed;

    private ProgressRows(
        BatchTotal total,
        IProgress<BitsUploadProgress> progress,
        Func<string, (IProgress<BitsUploadProgress> Progress, Action End)> begin,
        Action renamed) => (_total, _progress, _begin, _renamed) = (total, progress, begin, renamed);

    /// <summary>Rows of bars, on a terminal.</summary>
    public static ProgressRows Of(BatchTotal total, ProgressContext context)
    {
        ProgressTask totalTask = context.AddTask(RowName(total));
        return new ProgressRows(total, new ProgressBar(totalTask, isTotal: true), Begin, () => totalTask.Description = RowName(total));

        (IProgress<BitsUploadProgress> Progress, Action End) Begin(string name)
        {
            ProgressTask task = context.AddTaskBefore(Markup.Escape(OneLine.Of(name)), totalTask);
            return (new ProgressBar(task), task.StopTask);
        }
    }

    /// <summary>Lines of the total, and of uploads that retry or wait.</summary>
    public static ProgressRows Of(BatchTotal total, TextWriter writer)
    {
        return new ProgressRows(total, new ProgressLines(writer, TimeProvider.System, () => LineBegin(total)), Begin, () => { });

        (IProgress<BitsUploadProgress> Progress, Action End) Begin(string name)
        {
            string label = $"{OneLine.Of(name)}: ";
            ProgressLines retries = new(writer, TimeProvider.System, () => label, retriesOnly: true);
            SilenceLines lines = new(retries, writer, TimeProvider.System, label);
            return (lines, lines.Dispose);
        }
    }

    /// <summary>Begins an upload, whose row is to be disposed of when it ends.</summary>
    public ProgressRow Begin(string name, long length)
    {
        (IProgress<BitsUploadProgress> progress, Action end) = _begin(name);
        return new ProgressRow(_total, length, progress, end, Changed);
    }

    // Short, because there is little space before a bar.
    private static string RowName(BatchTotal total) => string.Create(CultureInfo.InvariantCulture, $"{total.Ended}/{total.Uploads}");

    private static string LineBegin(BatchTotal total) =>
        string.Create(CultureInfo.InvariantCulture, $"{total.Ended} of {total.Uploads} files: ");

    private void Changed()
    {
        lock (_progress)
        {
            _progress.Report(_total.Progress());
            _renamed();
        }
    }
}
