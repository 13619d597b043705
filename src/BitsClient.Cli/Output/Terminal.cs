using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Where the tool writes: results to stdout, everything else to stderr.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    private const string ShowCursorSequence = "\u001b[?25h";

    private volatile bool _redraws;

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public static Terminal OfProcess()
    {
        Console.SetError(new NonThrowingWriter(Console.Error));
        return new Terminal(Console.Out, Console.Error);
    }

    /// <summary>stdout with colours and tables where it can show them, as plain text elsewhere.</summary>
    public IAnsiConsole RichOut() => Rich(Out);

    /// <summary>stderr, if it is a terminal that can redraw a line; null otherwise.</summary>
    public IAnsiConsole? RedrawingError()
    {
        IAnsiConsole console = Rich(Error);
        _redraws = console.Profile is { Out.IsTerminal: true, Capabilities: { Ansi: true, Interactive: true } };
        return _redraws ? console : null;
    }

    /// <summary>Leaves stderr as a shell wants it, where the tool is about to end in the middle of a bar, which hides the cursor.</summary>
    public void LeaveBar()
    {
        if (_redraws)
        {
            Error.WriteLine(ShowCursorSequence);
        }
    }

    /// <summary>One line, whatever is in the text.</summary>
    public void WriteError(string text) => Error.WriteLine(ErrorLine(text));

    /// <summary>What <see cref="WriteError"/> writes.</summary>
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
