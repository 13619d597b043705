using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of uploads on stderr: as bars if the terminal can redraw them, as plain lines otherwise.</summary>
internal sealed class ProgressDisplay
{
    private static readonly TimeSpan RefreshRate = TimeSpan.FromMilliseconds(100);

    private readonly Terminal _terminal;
    private readonly IAnsiConsole? _console;

    /// <summary>Creates a display.</summary>
    /// <param name="terminal">The terminal to write to.</param>
    /// <param name="plain">Whether to use lines even on a terminal, because a trace is written there as well.</param>
    public ProgressDisplay(Terminal terminal, bool plain)
    {
        _terminal = terminal;
        _console = plain ? null : terminal.RedrawingError();
    }

    /// <summary>Runs an upload and shows its progress.</summary>
    /// <param name="name">The name of the file.</param>
    /// <param name="upload">Runs the upload, and reports progress to its argument.</param>
    public Task<BitsUploadResult> ShowAsync(string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        _console is null ? ShowLinesAsync(_terminal.Error, upload) : ShowBarAsync(_console, name, upload);

    /// <summary>Runs several uploads and shows their progress.</summary>
    /// <param name="total">The sum of the uploads.</param>
    /// <param name="uploads">Runs the uploads, each with a row of its argument.</param>
    public Task ShowAllAsync(BatchTotal total, Func<ProgressRows, Task> uploads) =>
        _console is null ? uploads(ProgressRows.Of(total, _terminal.Error)) : ShowBarsAsync(_console, total, uploads);

    /// <summary>Writes a message during the uploads: above the bars, if there are any.</summary>
    public void Notice(string text) => Write(text, _terminal.WriteNotice);

    /// <summary>Writes an error during the uploads: above the bars, if there are any.</summary>
    public void Error(string text) => Write(text, _terminal.WriteError);

    /// <summary>Writes a result during the uploads: to stdout, but above the bars if they are on the same terminal.</summary>
    public void Result(string line)
    {
        if (_console is not null && _terminal.IsOutATerminal)
        {
            WriteAbove(_console, line);
        }
        else
        {
            _terminal.Out.WriteLine(line);
        }
    }

    private static async Task<BitsUploadResult> ShowLinesAsync(
        TextWriter writer, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload)
    {
        using SilenceLines lines = new(new ProgressLines(writer, TimeProvider.System), TimeProvider.System);
        return await upload(lines);
    }

    internal static Task<BitsUploadResult> ShowBarAsync(
        IAnsiConsole console, string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        Bars(console).StartAsync(async context =>
        {
            await using ITimer refreshes = Refreshes(context);
            return await upload(new ProgressBar(context.AddTask(Markup.Escape(OneLine.Of(name)))));
        });

    internal static Task ShowBarsAsync(IAnsiConsole console, BatchTotal total, Func<ProgressRows, Task> uploads) =>
        Bars(console).HideCompleted(true).StartAsync(async context =>
        {
            await using ITimer refreshes = Refreshes(context);
            await uploads(ProgressRows.Of(total, context));
        });

    private void Write(string text, Action<string> writeLine)
    {
        if (_console is null)
        {
            writeLine(text);
        }
        else
        {
            WriteAbove(_console, Terminal.ErrorLine(text));
        }
    }

    // Each line is as wide as the terminal, because what it is written over is not erased.
    internal static void WriteAbove(IAnsiConsole console, string line) =>
        console.Write(new Padder(new Text(line), new Padding(0)).Expand());

    private static Progress Bars(IAnsiConsole console) => console.Progress().Columns(new BarColumn()).AutoRefresh(false);

    // Instead of the thread of Spectre.Console, which never ends if the upload does before that thread has begun: it would go on to redraw
    // the bars. The timer waits for a redraw that is being made when it is disposed.
    private static ITimer Refreshes(ProgressContext context) =>
        TimeProvider.System.CreateTimer(_ => context.Refresh(), null, RefreshRate, RefreshRate);
}
