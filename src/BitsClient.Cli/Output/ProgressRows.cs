using System.Globalization;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>The rows of several uploads: one for each that is running, and one below them for the total. Thread-safe.</summary>
internal sealed class ProgressRows
{
    private readonly BatchTotal _total;
    private readonly ProgressContext? _context;
    private readonly ProgressTask? _totalTask;
    private readonly IProgress<BitsUploadProgress> _progress;

    private ProgressRows(BatchTotal total, ProgressContext? context, ProgressTask? totalTask, IProgress<BitsUploadProgress> progress) =>
        (_total, _context, _totalTask, _progress) = (total, context, totalTask, progress);

    /// <summary>Rows of bars, on a terminal.</summary>
    public static ProgressRows Of(BatchTotal total, ProgressContext context)
    {
        ProgressTask totalTask = context.AddTask(RowName(total));
        return new ProgressRows(total, context, totalTask, new ProgressBar(totalTask));
    }

    /// <summary>The total alone, as lines.</summary>
    public static ProgressRows Of(BatchTotal total, TextWriter writer) =>
        new(total, null, null, new ProgressLines(writer, TimeProvider.System, () => LineBegin(total)));

    /// <summary>Begins an upload, whose row is to be disposed of when it ends.</summary>
    public ProgressRow Begin(string name, long length)
    {
        ProgressTask? task = _totalTask is null ? null : _context!.AddTaskBefore(Markup.Escape(OneLine.Of(name)), _totalTask);
        return new ProgressRow(_total, length, task, Changed);
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
            _totalTask?.Description = RowName(_total);
        }
    }
}
