using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of an upload on stderr: as a bar if the terminal can redraw it, as plain lines otherwise.</summary>
internal sealed class ProgressDisplay
{
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
        _console is null ? upload(new ProgressLines(_terminal.Error, TimeProvider.System)) : ShowBarAsync(_console, name, upload);

    /// <summary>Writes a message during the upload: above the bar, if there is one.</summary>
    public void Notice(string text)
    {
        if (_console is null)
        {
            _terminal.WriteError(text);
        }
        else
        {
            _console.WriteLine(Terminal.ErrorLine(text));
        }
    }

    internal static Task<BitsUploadResult> ShowBarAsync(
        IAnsiConsole console, string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 30 }, new BarText())
            .StartAsync(context => upload(new ProgressBar(context.AddTask(Markup.Escape(OneLine.Of(name))))));
}
