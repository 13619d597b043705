using BitsClient.Cli.Output;
using Spectre.Console;

namespace BitsClient.Cli.Tests.Output;

/// <summary>A bar takes one line whatever the width of the terminal.</summary>
public sealed class BarLineTests
{
    [Test]
    public void It_is_never_wider_than_the_terminal(
        [Range(1, 130)] int width, [Values("a", "\u6587\u4ef6\u540d\u5b57\u5f88\u957f\u5f88\u957f")] string name)
    {
        using StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;

        console.Write(new BarLine(name, 0.5, " 50% 2.0 KiB of 4.0 KiB, 2.0 MiB/s, 0:10 left"));

        Assert.That(writer.ToString().TrimEnd('\n', '\r'), Has.Length.LessThanOrEqualTo(width).And.Not.Contain('\n'));
    }
}
