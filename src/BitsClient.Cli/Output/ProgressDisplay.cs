using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Shows on stderr how far an upload is: a bar where the terminal can redraw it, plain lines elsewhere.</summary>
internal sealed class ProgressDisplay
{
    private readonly Terminal _terminal;
    private readonly IAnsiConsole? _console;

    /// <param name="terminal">Where to.</param>
    /// <param name="plain">Lines even where a bar would do, because others write there too.</param>
    public ProgressDisplay(Terminal terminal, bool plain)
    {
        _terminal = terminal;
        _console = plain ? null : terminal.RedrawingError();
    }

    /// <param name="name">What is uploaded.</param>
    /// <param name="upload">The upload, which reports to what it is given.</param>
    public Task<BitsUploadResult> ShowAsync(string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        _console is null ? upload(new ProgressLines(_terminal.Error, TimeProvider.System)) : ShowBarAsync(_console, name, upload);

    /// <summary>Says something meanwhile: above the bar, where there is one.</summary>
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

    internal static Task<BitsUploadResult> ShowBarAsync(IAnsiConsole console, string name, Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>> upload) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 30 }, new BarText())
            .StartAsync(context => upload(new ProgressBar(context.AddTask(Markup.Escape(OneLine.Of(name))))));
}
