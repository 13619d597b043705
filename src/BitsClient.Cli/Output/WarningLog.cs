using Microsoft.Extensions.Logging;

namespace BitsClient.Cli.Output;

/// <summary>
/// Shows the library's warnings to the user, each only once: if saving a checkpoint fails, for example, it usually fails again each time.
/// </summary>
/// <param name="write">Writes a warning.</param>
/// <param name="ignored">The names of the events to ignore, because they are reported elsewhere.</param>
internal sealed class WarningLog(Action<string> write, string[] ignored) : ILoggerFactory, ILogger
{
    private readonly HashSet<string> _written = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || ignored.Contains(eventId.Name))
        {
            return;
        }

        string text = formatter(state, exception);
        lock (_written)
        {
            if (_written.Add(text))
            {
                write(exception is null ? text : $"{text} {exception.Message}");
            }
        }
    }

    public void Dispose()
    {
    }
}
