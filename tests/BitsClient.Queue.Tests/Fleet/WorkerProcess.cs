using System.Diagnostics;
using System.Globalization;

namespace BitsClient.Queue.Tests.Fleet;

/// <summary>A process that uploads; it is killed when it is disposed.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace("BitsClient.Queue.Tests", "BitsClient.QueueWorker", StringComparison.Ordinal),
        "BitsClient.QueueWorker.dll");

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it and waits until it is ready, or has said why it will not be.</summary>
    public static async Task<(WorkerProcess Worker, string? Said)> StartAsync(
        string database, int uploads = 4, double lease = 3, double clockOffset = 0, long rate = 0)
    {
        string[] arguments =
        [
            Program, database, $"{uploads}", lease.ToString(CultureInfo.InvariantCulture),
            clockOffset.ToString(CultureInfo.InvariantCulture), $"{rate}",
        ];
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        WorkerProcess worker = new(Process.Start(start)!);
        return (worker, await worker._process.StandardOutput.ReadLineAsync());
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends a signal, such as "TERM".</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for a line that contains a text.</summary>
    public async Task WhenLineAsync(string part)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"It ended without '{part}'.");
    }

    public Task WhenExitedAsync() => _process.WaitForExitAsync();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
