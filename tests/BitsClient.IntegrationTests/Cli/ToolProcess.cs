using System.Diagnostics;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>The built tool, running as a process of its own. Disposing kills it if it still runs.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly Process _process;
    private readonly Task<string> _error;

    private ToolProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync(_limit.Token);
    }

    /// <summary>Fires when a test has taken too long.</summary>
    public CancellationToken TimeLimit => _limit.Token;

    public static ToolProcess Start(string[] arguments, string? password = null)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [ToolPath(), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BITSCLIENT_PASSWORD"] = password;
        return new ToolProcess(Process.Start(start)!);
    }

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(TimeLimit);

    /// <summary>Sends a signal, as in <c>INT</c>, which is what Ctrl-C does.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TimeLimit);
    }

    /// <summary>Waits for the end. What was read before by <see cref="ReadLineAsync"/> is not repeated.</summary>
    public async Task<ToolRun> EndAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync(TimeLimit);
        string error = await _error;
        await _process.WaitForExitAsync(TimeLimit);
        return new ToolRun(_process.ExitCode, output, error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _limit.Dispose();
    }

    // tests/X/bin/Debug/net10.0/ -> src/BitsClient.Cli/bin/Debug/net10.0/
    private static string ToolPath()
    {
        DirectoryInfo target = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        DirectoryInfo configuration = target.Parent!;
        string root = configuration.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "BitsClient.Cli", "bin", configuration.Name, target.Name, "BitsClient.Cli.dll");
    }
}
