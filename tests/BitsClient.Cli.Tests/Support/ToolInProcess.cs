using System.Runtime.InteropServices;
using BitsClient.Cli.Output;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Support;

/// <summary>Runs the whole tool in this process. Only this run receives the signals of a test; its output is captured.</summary>
internal sealed class ToolInProcess : IAsyncDisposable
{
    private readonly LineWriter _output = new();
    private readonly LineWriter _error = new();
    private readonly StopSignals _signals = new();
    private readonly Task<int> _running;

    private ToolInProcess(string[] arguments) => _running = new CommandLine(new Terminal(_output, _error), _signals).RunAsync(arguments);

    /// <summary>What it has written to stdout so far.</summary>
    public string Output => $"{_output}";

    public static ToolInProcess Start(params string[] arguments) => new(arguments);

    public static Task<ToolRun> RunAsync(params string[] arguments) => Start(arguments).EndAsync();

    public void Signal(PosixSignal signal) => _signals.Handle(new PosixSignalContext(signal));

    /// <summary>Waits until one of its packets arrives at a gate of the server.</summary>
    public Task ReachAsync(BitsGate gate) => gate.ReachedByAsync(_running);

    /// <summary>Waits for a line on stdout that contains a text.</summary>
    public Task<string> OutputLineAsync(string part) => LineAsync(_output, part);

    /// <summary>Waits for a line on stderr that contains a text.</summary>
    public Task<string> ErrorLineAsync(string part) => LineAsync(_error, part);

    public async Task<ToolRun> EndAsync()
    {
        int exitCode = await _running;
        _signals.Dispose();
        return new ToolRun(exitCode, $"{_output}", $"{_error}");
    }

    /// <summary>Stops the run if it has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
        {
            Signal(PosixSignal.SIGTERM);
            await _running;
        }

        _signals.Dispose();
    }

    private async Task<string> LineAsync(LineWriter writer, string part)
    {
        Task<string> line = writer.LineAsync(part);
        await Task.WhenAny(line, _running);
        return line.IsCompleted ? await line : throw new InvalidOperationException($"The tool ended without '{part}': {_output}{_error}");
    }
}
