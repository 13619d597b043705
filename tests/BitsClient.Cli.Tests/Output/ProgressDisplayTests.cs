using System.Diagnostics;
using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using Spectre.Console;

namespace BitsClient.Cli.Tests.Output;

/// <summary>Progress is shown as a bar on a terminal, and as plain lines with the same text otherwise.</summary>
public sealed class ProgressDisplayTests
{
    private static readonly BitsUploadResult Result = Uploads.Finished();

    [TestCase(false)]
    [TestCase(true)]
    public async Task Without_a_terminal_progress_and_notices_are_plain_lines_on_stderr(bool plain)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        ProgressDisplay display = new(new Terminal(output, error), plain);

        BitsUploadResult result = await display.ShowAsync("a.bin", progress =>
        {
            progress.Report(Reports.Of(BitsUploadStatus.Transferring, 1024));
            display.Notice("Two\nlines.");
            return Task.FromResult(Result);
        });

        Assert.That(result, Is.SameAs(Result));
        Assert.That(error.ToString(), Is.EqualTo($" 25% 1.0 KiB of 4.0 KiB{error.NewLine}bitsclient: Two lines.{error.NewLine}"));
        Assert.That(output.ToString(), Is.Empty);
    }

    [Test]
    public async Task A_bar_shows_the_report_and_the_name_without_control_characters()
    {
        using StringWriter writer = new();

        BitsUploadResult result = await ProgressDisplay.ShowBarAsync(Console(writer), "[red]\u001b]0;a.bin\u0007[/]", progress =>
        {
            progress.Report(Reports.Of(BitsUploadStatus.Transferring, 1024));
            return Task.FromResult(Result);
        });

        Assert.That(result, Is.SameAs(Result));
        Assert.That(writer.ToString(), Does.Contain("[red] ]0;a.bin [/]").And.Contain(" 25% 1.0 KiB of 4.0 KiB"));

        // Ordinal, because a culture-sensitive search ignores ESC.
        Assert.That(writer.ToString().IndexOf("\u001b]", StringComparison.Ordinal), Is.Negative);
        Assert.That(writer.ToString(), Does.Not.Contain('\u0007'));
    }

    [Test]
    public async Task Uploads_that_end_at_once_leave_no_threads_that_go_on_to_draw()
    {
        IAnsiConsole console = Console(new StringWriter());
        int before = Threads();
        for (int i = 0; i < 1000; i++)
        {
            await ProgressDisplay.ShowBarAsync(console, "a.bin", _ => Task.FromResult(Result));
        }

        Assert.That(Threads() - before, Is.LessThan(30), "other tests begin threads as well");
    }

    [Test]
    public void An_exception_of_the_upload_passes_through_the_bar()
    {
        using StringWriter writer = new();

        Assert.That(
            async () => await ProgressDisplay.ShowBarAsync(Console(writer), "a.bin", _ => throw new ToolException("No.")),
            Throws.TypeOf<ToolException>().With.Message.EqualTo("No."));
    }

    private static int Threads()
    {
        using Process process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }

    private static IAnsiConsole Console(StringWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 140;
        return console;
    }
}
