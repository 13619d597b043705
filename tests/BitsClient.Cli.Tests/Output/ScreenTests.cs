using System.Globalization;
using System.Text;
using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;
using Spectre.Console;

namespace BitsClient.Cli.Tests.Output;

/// <summary>What a terminal of 60, 80 and 120 columns shows: every bar and every message has lines of its own.</summary>
public sealed class ScreenTests
{
    private const string Name = "a-file-with-quite-a-long-name.tar.gz";

    private static readonly BitsUploadProgress Moving =
        Reports.Of(BitsUploadStatus.Transferring, 412_000_000, 1_000_000_000) with { BytesPerSecond = 2_345_678 };

    private static readonly BitsUploadProgress Retrying =
        Reports.Of(BitsUploadStatus.TransientError, 412_000_000, 1_000_000_000) with { Attempt = 3, RetryDelay = TimeSpan.FromSeconds(12) };

    /// <summary>Compares with a file, so that a change can be looked at.</summary>
    [Test]
    public async Task The_screens_are_those_of_the_file()
    {
        StringBuilder screens = new();
        foreach (int width in (int[])[60, 80, 120])
        {
            Add("An upload", await SingleAsync(width, Moving));
            Add("A retry", await SingleAsync(width, Retrying));
            Add("A warning", await SingleAsync(width, Moving, "The checkpoint could not be saved: No space left on device."));
            Add("A cancel", await SingleAsync(width, Moving, "Canceling the session. A second Ctrl-C quits without waiting."));
            Add("Parallel uploads, one of which has failed", await ParallelAsync(width));

            void Add(string title, string screen) =>
                screens.AppendLine(CultureInfo.InvariantCulture, $"## {title}, {width} columns").AppendLine(screen).AppendLine();
        }

        string file = Path.Combine(Repository.Root, "tests", "BitsClient.Cli.Tests", "Output", "Screens");
        string shown = screens.ToString().ReplaceLineEndings("\n");
        string approved = File.Exists($"{file}.approved.txt") ? await File.ReadAllTextAsync($"{file}.approved.txt") : "";
        if (shown != approved.ReplaceLineEndings("\n"))
        {
            await File.WriteAllTextAsync($"{file}.received.txt", shown);
        }

        Assert.That(shown, Is.EqualTo(approved.ReplaceLineEndings("\n")), $"See {file}.received.txt.");
    }

    private static async Task<string> ParallelAsync(int width)
    {
        Screen screen = new(width);
        using ScreenWriter writer = new(screen);
        IAnsiConsole console = Console(writer, width);
        BatchTotal total = new(4, 3_000_000_000, TimeProvider.System);
        string shown = "";
        await ProgressDisplay.ShowBarsAsync(console, total, async rows =>
        {
            total.Count(new UploadEnd(null, 0, new ToolException("No.")));
            ProgressDisplay.WriteAbove(console, Terminal.ErrorLine("no.bin: Could not find file '/home/me/no.bin'."));
            using ProgressRow first = rows.Begin("first.bin", 1_000_000_000);
            using ProgressRow second = rows.Begin("some/folder/second-with-a-long-name.bin", 1_000_000_000);
            first.Report(Moving);
            second.Report(Retrying);
            shown = await writer.WhenShownAsync("27%");
        });
        Assert.That(screen.HasWrapped, Is.False);
        return shown;
    }

    private static async Task<string> SingleAsync(int width, BitsUploadProgress report, string? message = null)
    {
        Screen screen = new(width);
        using ScreenWriter writer = new(screen);
        IAnsiConsole console = Console(writer, width);
        await ProgressDisplay.ShowBarAsync(console, Name, async progress =>
        {
            progress.Report(report);
            await writer.WhenShownAsync("41%");
            if (message is not null)
            {
                ProgressDisplay.WriteAbove(console, Terminal.ErrorLine(message));
            }

            return Uploads.Finished();
        });
        Assert.That(screen.HasWrapped, Is.False);
        return screen.ToString();
    }

    private static IAnsiConsole Console(TextWriter writer, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    /// <summary>Writes to a screen. A test can wait until it shows a text.</summary>
    private sealed class ScreenWriter(Screen screen) : StringWriter
    {
        private readonly Lock _lock = new();
        private string? _awaited;
        private TaskCompletionSource<string>? _seen;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(string? value)
        {
            lock (_lock)
            {
                screen.Write(value ?? "");
                Complete();
            }
        }

        public Task<string> WhenShownAsync(string text)
        {
            lock (_lock)
            {
                _awaited = text;
                _seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                Complete();
                return _seen.Task;
            }
        }

        private void Complete()
        {
            if (_awaited is not null && screen.ToString() is { } shown && shown.Contains(_awaited, StringComparison.Ordinal))
            {
                _seen!.TrySetResult(shown);
            }
        }
    }
}
