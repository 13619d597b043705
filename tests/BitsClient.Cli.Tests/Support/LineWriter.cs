using System.Text;

namespace BitsClient.Cli.Tests.Support;

/// <summary>An in-memory stdout or stderr. A test can wait for a line. Thread-safe, like the streams of a process.</summary>
internal sealed class LineWriter : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Part, TaskCompletionSource<string> Seen)> _awaited = [];

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Completes with the first complete line that contains a text.</summary>
    public Task<string> LineAsync(string part)
    {
        lock (_text)
        {
            TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((part, seen));
            CompleteAwaited();
            return seen.Task;
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        lock (_text)
        {
            _text.Append(value);
            CompleteAwaited();
        }
    }

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }

    private void CompleteAwaited()
    {
        if (_awaited.Count > 0)
        {
            string[] lines = _text.ToString().Split(NewLine)[..^1];
            _awaited.RemoveAll(awaited =>
                Array.Find(lines, line => line.Contains(awaited.Part, StringComparison.Ordinal)) is { } line
                && awaited.Seen.TrySetResult(line));
        }
    }
}
