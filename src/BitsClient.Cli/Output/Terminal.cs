using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>The output of the tool: stdout for results, stderr for everything else.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    private const string ShowCursorSequence = "\u001b[?25h";

    private volatile bool _redraws;
    private volatile bool _isQuiet;

    public TextWriter Out { get; } = output;

    /// <summary>stderr for progress, traces and notices: writes nothing after <see cref="Silence"/>.</summary>
    public TextWriter Error => _isQuiet ? TextWriter.Null : error;

    /// <summary>Whether stdout is a terminal.</summary>
    public bool IsOutATerminal => new AnsiConsoleOutput(Out).IsTerminal;

    public static Terminal OfProcess()
    {
        Console.SetError(new NonThrowingWriter(Console.Error));
        return new Terminal(Console.Out, Console.Error);
    }

    /// <summary>stdout with colors and tables if it is a terminal, as plain text otherwise.</summary>
    public IAnsiConsole RichOut() => Rich(Out);

    /// <summary>stderr, if it is a terminal that can redraw a line; null otherwise.</summary>
    public IAnsiConsole? RedrawingError()
    {
        IAnsiConsole console = Rich(Error);
        _redraws = console.Profile is { Out.IsTerminal: true, Capabilities: { Ansi: true, Interactive: true } };
        return _redraws ? console : null;
    }

    /// <summary>Shows the cursor again if the tool is about to end while a progress bar hides it.</summary>
    public void LeaveBar()
    {
        if (_redraws)
        {
            Error.WriteLine(ShowCursorSequence);
        }
    }

    /// <summary>From now on, only errors are written to stderr (--quiet).</summary>
    public void Silence() => _isQuiet = true;

    /// <summary>Writes an error as a single line, even if the text contains line breaks.</summary>
    public void WriteError(string text) => error.WriteLine(ErrorLine(text));

    /// <summary>Writes a warning or another message that is not an error, as a single line.</summary>
    public void WriteNotice(string text) => Error.WriteLine(ErrorLine(text));

    /// <summary>The line that <see cref="WriteError"/> and <see cref="WriteNotice"/> write.</summary>
    public static string ErrorLine(string text) => $"bitsclient: {OneLine.Of(text)}";

    private static IAnsiConsole Rich(TextWriter writer)
    {
        AnsiConsoleOutput output = new(writer);
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = output.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
    }
}
