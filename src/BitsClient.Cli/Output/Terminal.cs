using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>Where the tool writes: results to stdout, everything else to stderr.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public static Terminal OfProcess() => new(Console.Out, Console.Error);

    /// <summary>stdout with colours and tables where it can show them, as plain text elsewhere.</summary>
    public IAnsiConsole RichOut() => Rich(Out);

    /// <summary>stderr, if it is a terminal that can redraw a line; null otherwise.</summary>
    public IAnsiConsole? RedrawingError()
    {
        IAnsiConsole console = Rich(Error);
        return console.Profile is { Out.IsTerminal: true, Capabilities: { Ansi: true, Interactive: true } } ? console : null;
    }

    /// <summary>One line, whatever is in the text.</summary>
    public void WriteError(string text) => Error.WriteLine($"bitsclient: {OneLine.Of(text)}");

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
