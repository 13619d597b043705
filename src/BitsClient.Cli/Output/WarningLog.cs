using Microsoft.Extensions.Logging;

namespace BitsClient.Cli.Output;

/// <summary>Tells the library's warnings, each once: a state that cannot be saved now cannot be saved the next time either.</summary>
/// <param name="tell">Is told the text.</param>
/// <param name="toldElsewhere">The names of the events that are left out here.</param>
internal sealed class WarningLog(Action<string> tell, string[] toldElsewhere) : ILoggerFactory, ILogger
{
    private readonly HashSet<string> _told = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || toldElsewhere.Contains(eventId.Name))
        {
            return;
        }

        string text = formatter(state, exception);
        lock (_told)
        {
            if (_told.Add(text))
            {
                tell(exception is null ? text : $"{text} {exception.Message}");
            }
        }
    }

    public void Dispose()
    {
    }
}
