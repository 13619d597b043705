using BitsClient.Cli.Output;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli.Queue;

/// <summary>
/// Shows what a queue logs while it is uploaded from, one line for each event; errors also with --quiet. Of the library, only warnings that
/// the queue does not report itself.
/// </summary>
internal sealed class QueueRunLog(Terminal terminal) : ILoggerFactory, ILogger
{
    private readonly WarningLog _warnings = new(
        text => terminal.WriteNotice(ToolWords.Of(text)), ignored: ["Retrying", "Failed", "CancelFailed"]);

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("BitsClient.Queue.", StringComparison.Ordinal) ? this : _warnings;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string text = formatter(state, exception);
        string line = ToolWords.Of(exception is null ? text : $"{text} {exception.Message}");
        if (logLevel >= LogLevel.Error)
        {
            terminal.WriteError(line);
        }
        else
        {
            terminal.WriteNotice(line);
        }
    }

    public void Dispose() => _warnings.Dispose();
}
