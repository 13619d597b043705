using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace BitsClient.Tests.Support;

/// <summary>A factory of one <see cref="FakeLogger"/>, which keeps everything that is logged, at every level.</summary>
internal sealed class LogCollector : ILoggerFactory
{
    public LogCollector()
    {
        FakeLogCollectorOptions options = new()
        {
            OutputSink = static _ => { },
            OutputFormatter = record =>
            {
                OnLog(record.Level);
                return "";
            },
        };
        Logger = new FakeLogger(FakeLogCollector.Create(options));
    }

    public FakeLogger Logger { get; }

    /// <summary>Called for each message, with its level.</summary>
    public Action<LogLevel> OnLog { get; set; } = _ => { };

    /// <summary>The level of each message, and all of its text: the message, its values, and the exception.</summary>
    public IReadOnlyCollection<(LogLevel Level, string Text)> Entries =>
        [.. Logger.Collector.GetSnapshot().Select(record => (record.Level, $"{record.Message} {Values(record)} {record.Exception}"))];

    public ILogger CreateLogger(string categoryName) => Logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // There is nothing to release.
    }

    private static string Values(FakeLogRecord record) =>
        record.State is IEnumerable<KeyValuePair<string, string?>> values ? string.Join(", ", values) : "";
}
