using BitsClient.Cli.Output;
using Spectre.Console;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The tool's output if neither stdout nor stderr is a terminal.</summary>
public sealed class TerminalTests
{
    [Test]
    public void An_error_is_one_line_on_stderr_with_the_name_of_the_tool()
    {
        using StringWriter output = new();
        using StringWriter error = new();

        new Terminal(output, error).WriteError("It failed\r\n\u2028in two lines.\n");

        Assert.That(error.ToString(), Is.EqualTo($"bitsclient: It failed in two lines.{error.NewLine}"));
        Assert.That(output.ToString(), Is.Empty);
    }

    [Test]
    public void There_is_no_bar_and_no_cursor_to_restore()
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Terminal terminal = new(output, error);

        Assert.That(terminal.RedrawingError(), Is.Null);
        terminal.LeaveBar();
        Assert.That(error.ToString(), Is.Empty);
    }

    [Test]
    public void Rich_output_is_plain_text()
    {
        using StringWriter output = new();
        using StringWriter error = new();

        new Terminal(output, error).RichOut().MarkupLine("[bold red]text[/]");

        Assert.That(output.ToString(), Is.EqualTo($"text{output.NewLine}"));
    }
}
