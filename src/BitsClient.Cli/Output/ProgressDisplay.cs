using System.Globalization;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows how far an upload is: a bar where the terminal can redraw it, plain lines elsewhere.</summary>
internal static class ProgressDisplay
{
    /// <param name="terminal">Where to; it is shown on stderr.</param>
    /// <param name="name">What is uploaded.</param>
    /// <param name="plain">Lines even where a bar would do, because others write there too.</param>
    /// <param name="upload">The upload, which reports to what it is given.</param>
    public static Task<BitsUploadResult> ShowAsync(
        Terminal terminal, string name, bool plain, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        !plain && terminal.RedrawingError() is { } console
            ? ShowBarAsync(console, name, upload)
            : upload(new ProgressLines(terminal.Error, TimeProvider.System));

    /// <summary>A report in words.</summary>
    public static string Text(BitsUploadProgress progress)
    {
        double percent = Math.Floor(100.0 * progress.BytesAcknowledged / progress.BytesTotal);
        string rate = progress.BytesPerSecond > 0 ? $", {Size(progress.BytesPerSecond)}/s" : "";
        string trouble = progress.Status is BitsUploadStatus.TransientError ? ", trying again" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{percent,3:0}% {Size(progress.BytesAcknowledged)} of {Size(progress.BytesTotal)}{rate}{trouble}");
    }

    private static string Size(double bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024):0.0} MiB"),
    };

    private static Task<BitsUploadResult> ShowBarAsync(
        IAnsiConsole console, string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 30 }, new BarText())
            .StartAsync(context => upload(new ProgressBar(context.AddTask(Markup.Escape(OneLine.Of(name))))));
}
