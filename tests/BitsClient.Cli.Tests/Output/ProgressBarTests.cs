using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The bar shows how much of the file was sent, and then the downloaded bytes of the reply.</summary>
public sealed class ProgressBarTests
{
    [Test]
    public void The_bar_shows_the_fraction_that_was_sent()
    {
        ProgressTask task = Task();

        new ProgressBar(task).Report(Reports.Of(BitsUploadStatus.Transferring, 1024) with { Fraction = 0.75 });

        Assert.That((task.Value, task.MaxValue), Is.EqualTo((0.75, 1.0)).Within(1e-8));
    }

    [Test]
    public void A_new_session_does_not_make_the_bar_fall_back()
    {
        ProgressTask task = Task();
        ProgressBar bar = new(task);

        bar.Report(Reports.Of(BitsUploadStatus.Transferring, 2048));
        bar.Report(Reports.Of(BitsUploadStatus.Transferring, 1024) with { Session = 2 });

        Assert.That(task.Value, Is.EqualTo(0.5));
        Assert.That(TextOf(task), Does.Contain("  50% 2.0 KiB of 4.0 KiB"));
    }

    [TestCase(50L, 50.0)]
    [TestCase(null, double.MaxValue)]
    public void The_bar_then_shows_the_downloaded_bytes_of_the_reply(long? total, double max)
    {
        ProgressTask task = Task();
        ProgressBar bar = new(task);
        bar.Report(Reports.Of(BitsUploadStatus.Transferring, 4096));

        bar.Report(Reports.Of(BitsUploadStatus.DownloadingReply, 4096) with { ReplyBytes = 10, ReplyTotal = total });

        Assert.That((task.Value, task.MaxValue), Is.EqualTo((10.0, max)));
    }

    [Test]
    public void The_text_beside_the_bar_shows_the_last_report()
    {
        ProgressTask task = Task();
        ProgressBar bar = new(task);
        Assert.That(TextOf(task), Does.Not.Contain('%'), "there is no report yet");
        bar.Report(Reports.Of(BitsUploadStatus.Transferring, 1024));
        bar.Report(Reports.Of(BitsUploadStatus.Transferring, 2048));

        Assert.That(TextOf(task), Does.Contain("  50% 2.0 KiB of 4.0 KiB"));
    }

    private static ProgressTask Task() => new(id: 1, "a.bin", maxValue: 100);

    private static string TextOf(ProgressTask task)
    {
        using StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Write(new BarColumn().Render(new RenderOptions(console.Profile.Capabilities, new Size(140, 1)), task, TimeSpan.Zero));
        return writer.ToString();
    }
}
