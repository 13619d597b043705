using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>The built tool, running as a process of its own. Disposing kills it if it still runs.</summary>
internal sealed class ToolProcess : IDisposable
{
    // 128 and the number of SIGKILL.
    private const int Killed = 137;

    private const int HangUpNumber = 1;
    private const int InterruptNumber = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly Process _process;
    private readonly Channel<string> _errorLines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _error;

    private ToolProcess(Process process)
    {
        _process = process;
        _error = ReadErrorAsync();
    }

    /// <summary>Fires when a test has taken too long.</summary>
    public CancellationToken TimeLimit => _limit.Token;

    /// <summary>The number of the process.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static ToolProcess Start(string[] arguments, string? password = null, string? temporaryFolder = null)
    {
        ProcessStartInfo start = Redirected([Host, ToolPath(), .. arguments]);
        start.Environment["BITSCLIENT_PASSWORD"] = password;
        if (temporaryFolder is not null)
        {
            foreach (string name in (string[])["TMPDIR", "TMP", "TEMP"])
            {
                start.Environment[name] = temporaryFolder;
            }
        }

        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Starts the tool with a stderr that takes nothing, as on a full disk.</summary>
    public static ToolProcess StartDeaf(string[] arguments) =>
        new(Process.Start(Redirected(["sh", "-c", "exec \"$@\" 2>/dev/full", "sh", Host, ToolPath(), .. arguments]))!);

    /// <summary>
    /// Starts the tool in a terminal of its own, that of <c>script</c>: what is shown comes as its output, and <see cref="TypeAsync"/> types. Nothing in the
    /// environment tells of a build server, which a bar would not be shown to.
    /// </summary>
    public static ToolProcess StartInTerminal(string[] arguments)
    {
        string command = string.Join(' ', ((string[])[Host, ToolPath(), .. arguments]).Select(word => $"'{word}'"));
        ProcessStartInfo start = Redirected(["script", "-q", "-e", "-c", command, "/dev/null"]);
        start.RedirectStandardInput = true;
        start.Environment.Clear();
        foreach (string name in (string[])["PATH", "HOME", "DOTNET_ROOT"])
        {
            start.Environment[name] = Environment.GetEnvironmentVariable(name);
        }

        start.Environment["TERM"] = "xterm-256color";
        return new ToolProcess(Process.Start(start)!);
    }

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(TimeLimit);

    /// <summary>Waits for a line on stderr that contains a text.</summary>
    public async Task<string> ErrorLineAsync(string part)
    {
        await foreach (string line in _errorLines.Reader.ReadAllAsync(TimeLimit))
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"There was no '{part}' in: {await _error}");
    }

    /// <summary>Types into its terminal, as in <c>\u0003</c>, which is Ctrl-C.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys.AsMemory(), TimeLimit);
        await _process.StandardInput.FlushAsync(TimeLimit);
    }

    /// <summary>Sends a signal, as in <c>INT</c>, which is what Ctrl-C does.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TimeLimit);
    }

    /// <summary>Whether it was started where SIGHUP is ignored, as by nohup; only Linux tells.</summary>
    public bool IgnoresHangUp() => Ignores(_process.Id, HangUpNumber);

    /// <summary>Ends it as a crash does; false if it had ended by itself.</summary>
    public async Task<bool> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TimeLimit);
        return _process.ExitCode == Killed;
    }

    /// <summary>Waits until one of its packets stands at a gate, or fails with what it said as soon as it has ended without sending that packet.</summary>
    public async Task ReachAsync(BitsGate gate)
    {
        Task exit = WhenExitedAsync();
        if (await Task.WhenAny(gate.Reached, exit) == exit && !gate.Reached.IsCompleted)
        {
            await exit;
            throw new InvalidOperationException($"The gate was not reached: the tool had ended with {_process.ExitCode}. {await _error}");
        }
    }

    /// <summary>Completes when it has ended.</summary>
    public Task WhenExitedAsync() => _process.WaitForExitAsync(TimeLimit);

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

    private static ProcessStartInfo Redirected(string[] command)
    {
        // A shell that runs the tests in its background lets them ignore SIGINT, and the tool would inherit that.
        string[] whole = Ignores(Environment.ProcessId, InterruptNumber) ? ["env", "--default-signal=INT", .. command] : command;
        return new ProcessStartInfo(whole[0], whole[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>Whether a process ignores a signal; only Linux tells.</summary>
    private static bool Ignores(int process, int signal)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        string ignored = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (Convert.ToInt64(ignored[7..].Trim(), 16) & (1L << (signal - 1))) != 0;
    }

    private async Task<string> ReadErrorAsync()
    {
        StringBuilder error = new();
        while (await _process.StandardError.ReadLineAsync(_limit.Token) is { } line)
        {
            error.AppendLine(line);
            _errorLines.Writer.TryWrite(line);
        }

        _errorLines.Writer.Complete();
        return error.ToString();
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
