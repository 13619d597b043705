using System.Globalization;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>The rows of several uploads: one for each that is running, and one below them for the total. Thread-safe.</summary>
internal sealed class ProgressRows
{
    private readonly BatchTotal _total;
    private readonly IProgress<BitsUploadProgress> _progress;
    private readonly Func<string, IProgressView> _begin;
    private readonly Action _renamed;

    private ProgressRows(
        BatchTotal total,
        IProgress<BitsUploadProgress> progress,
        Func<string, IProgressView> begin,
        Action renamed) => (_total, _progress, _begin, _renamed) = (total, progress, begin, renamed);

    /// <summary>Rows of bars, on a terminal.</summary>
    public static ProgressRows Of(BatchTotal total, ProgressContext context)
    {
        ProgressTask totalTask = context.AddTask(RowName(total));
        return new ProgressRows(total, new ProgressBar(totalTask, isTotal: true), Begin, () => totalTask.Description = RowName(total));

        IProgressView Begin(string name) => new ProgressBar(context.AddTaskBefore(Markup.Escape(OneLine.Of(name)), totalTask));
    }

    /// <summary>Lines of the total, and of uploads that retry or wait.</summary>
    public static ProgressRows Of(BatchTotal total, TextWriter writer)
    {
        return new ProgressRows(total, new ProgressLines(writer, TimeProvider.System, () => LineBegin(total)), Begin, () => { });

        IProgressView Begin(string name) =>
            new SilenceLines(
                new ProgressLines(writer, TimeProvider.System, () => $"{OneLine.Of(name)}: ", retriesOnly: true), TimeProvider.System);
    }

    /// <summary>Begins an upload, whose row is to be disposed of when it ends.</summary>
    public ProgressRow Begin(string name, long length) => new(_total, length, _begin(name), Changed);

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
