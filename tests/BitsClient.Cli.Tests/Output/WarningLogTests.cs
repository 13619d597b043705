using BitsClient.Cli.Output;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli.Tests.Output;

/// <summary>Which of the library's log entries are shown to the user.</summary>
public sealed class WarningLogTests
{
    [Test]
    public void A_warning_is_written_with_the_message_of_its_exception()
    {
        List<string> written = [];
        ILogger log = new WarningLog(written.Add, ignored: []).CreateLogger("BitsClient");

        Write(log, LogLevel.Warning, "Saved", "The state could not be saved.");
        Write(log, LogLevel.Error, "Saved", "It failed.", new IOException("Disk full."));

        Assert.That(written, Is.EqualTo((string[])["The state could not be saved.", "It failed. Disk full."]));
    }

    [Test]
    public void The_same_warning_is_written_once()
    {
        List<string> written = [];
        WarningLog log = new(written.Add, ignored: []);
        for (int i = 0; i < 3; i++)
        {
            Write(log.CreateLogger($"{i}"), LogLevel.Warning, "Saved", "The state could not be saved.", new IOException($"{i}"));
        }

        Assert.That(written, Is.EqualTo((string[])["The state could not be saved. 0"]));
    }

    [TestCase(LogLevel.Trace)]
    [TestCase(LogLevel.Debug)]
    [TestCase(LogLevel.Information)]
    public void Lower_levels_are_not_written(LogLevel level)
    {
        List<string> written = [];
        WarningLog log = new(written.Add, ignored: []);

        Write(log, level, "Started", "It started.");

        Assert.That(log.IsEnabled(level), Is.False);
        Assert.That(written, Is.Empty);
    }

    [Test]
    public void Ignored_events_are_not_written()
    {
        List<string> written = [];
        WarningLog log = new(written.Add, ignored: ["Retrying"]);

        Write(log, LogLevel.Warning, "Retrying", "It is tried again.");
        Write(log, LogLevel.Warning, "Other", "Another.");

        Assert.That(written, Is.EqualTo((string[])["Another."]));
    }

    private static void Write(ILogger log, LogLevel level, string name, string text, Exception? exception = null) =>
        log.Log(level, new EventId(1, name), text, exception, (state, _) => state);
}
