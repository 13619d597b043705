using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>The built tool, running as a separate process. Disposing kills the process if it is still running.</summary>
internal sealed class ToolProcess : IDisposable
{
    // 128 plus the number of SIGKILL.
    private const int Killed = 137;

    private const int HangUpNumber = 1;
    private const int InterruptNumber = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _limit;
    private readonly Process _process;
    private readonly Channel<string> _errorLines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _error;

    private ToolProcess(Process process, TimeSpan? limit = null)
    {
        _process = process;
        _limit = new CancellationTokenSource(limit ?? Limit);
        _error = ReadErrorAsync();
    }

    /// <summary>Canceled when the process has run for too long.</summary>
    public CancellationToken TimeLimit => _limit.Token;

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the tool. The command begins with words of <c>ToolCommand</c>.</summary>
    public static ToolProcess Start(string[] command, string? temporaryFolder = null, bool locksFiles = true)
    {
        ProcessStartInfo start = Redirected(command);
        start.Environment.Remove("BITSCLIENT_PASSWORD");
        if (!locksFiles)
        {
            start.Environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1";
        }

        if (temporaryFolder is not null)
        {
            foreach (string name in (string[])["TMPDIR", "TMP", "TEMP"])
            {
                start.Environment[name] = temporaryFolder;
            }
        }

        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Starts another program.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="limit">How long it may take; 30 seconds unless it is specified.</param>
    /// <param name="environment">Variables that differ from those of this process.</param>
    public static ToolProcess StartProgram(
        string[] command, TimeSpan? limit = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = Redirected(command);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ToolProcess(Process.Start(start)!, limit);
    }

    /// <summary>Starts the tool with a stderr that cannot be written, as on a full disk.</summary>
    public static ToolProcess StartWithBrokenStderr(string[] command) =>
        new(Process.Start(Redirected(["sh", "-c", "exec \"$@\" 2>/dev/full", "sh", .. command]))!);

    /// <summary>
    /// Starts the tool in its own terminal, created by <c>script</c>: the output is what the terminal shows, and <see cref="TypeAsync"/>
    /// sends keys, which are not shown. At Ctrl-C, the terminal does not discard what it has not shown yet, as others do. The environment
    /// has no variables of a build server, which would disable the progress bar.
    /// </summary>
    public static ToolProcess StartInTerminal(string[] command, int width)
    {
        string quoted = string.Join(' ', command.Select(word => $"'{word}'"));
        string words = string.Create(CultureInfo.InvariantCulture, $"stty cols {width} -echo noflsh; exec {quoted}");
        ProcessStartInfo start = Redirected(["script", "-q", "-e", "-c", words, "/dev/null"]);
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

    /// <summary>Types into the terminal, for example <c>\u0003</c> for Ctrl-C.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys.AsMemory(), TimeLimit);
        await _process.StandardInput.FlushAsync(TimeLimit);
    }

    /// <summary>Sends a signal, for example <c>INT</c>, the signal of Ctrl-C.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TimeLimit);
    }

    /// <summary>Whether the process ignores SIGHUP, as under nohup. Linux only; false elsewhere.</summary>
    public bool IgnoresHangUp() => Ignores(_process.Id, HangUpNumber);

    /// <summary>Kills the process, which simulates a crash. Returns false if the process ended by itself before.</summary>
    public async Task<bool> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TimeLimit);
        return _process.ExitCode == Killed;
    }

    /// <summary>
    /// Waits until one of its packets arrives at a gate. If the process ends first, throws with its error output.
    /// </summary>
    public async Task ReachAsync(BitsGate gate)
    {
        Task exit = WhenExitedAsync();
        if (await Task.WhenAny(gate.Reached, exit) == exit && !gate.Reached.IsCompleted)
        {
            await exit;
            throw new InvalidOperationException($"The gate was not reached: the tool ended with {_process.ExitCode}. {await _error}");
        }
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task WhenExitedAsync() => _process.WaitForExitAsync(TimeLimit);

    /// <summary>Waits for the end. The output does not include lines that <see cref="ReadLineAsync"/> has returned.</summary>
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
        // A shell that runs the tests in the background makes them ignore SIGINT, and the tool would inherit this.
        string[] whole = Ignores(Environment.ProcessId, InterruptNumber) ? ["env", "--default-signal=INT", .. command] : command;
        return new ProcessStartInfo(whole[0], whole[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>Whether a process ignores a signal. Linux only; false elsewhere.</summary>
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
}
