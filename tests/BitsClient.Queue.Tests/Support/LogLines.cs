using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Tests.Support;

/// <summary>Keeps the messages that are logged, as in "Warning BitsClient: text".</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Called with each line.</summary>
    public Action<string> OnLine { get; set; } = _ => { };

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

    public void Dispose()
    {
        // There is nothing to release.
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        OnLine(line);
    }

    private sealed class Logger(string category, LogLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel} {category}: {formatter(state, exception)}");
    }
}
