using System.Diagnostics;
using System.Text;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.PowerShell.Tests.Support;

/// <summary>
/// A PowerShell that runs one script after another, because to start a new one for each takes seconds. Scripts share what belongs to the
/// process: loaded assemblies, environment variables and uploads that are running.
/// </summary>
internal sealed class PowerShellSession : IDisposable
{
    private const string End = "--- end of script ---";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-tests-");
    private readonly SemaphoreSlim _one = new(1);
    private Process? _process;

    /// <summary>Runs a script in a scope of its own. If it does not end within the limit, the next script gets a new PowerShell.</summary>
    public async Task<ToolRun> RunAsync(string script, TimeSpan limit)
    {
        await _one.WaitAsync();
        using CancellationTokenSource timeout = new(limit);
        try
        {
            _process ??= Start();
            string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(script));
            await _process.StandardInput.WriteLineAsync(
                $"& ([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{encoded}'))))");
            await _process.StandardInput.WriteLineAsync($"'{End}'; [Console]::Error.WriteLine('{End}')");
            await _process.StandardInput.FlushAsync(timeout.Token);
            Task<string> error = ReadToEndOfScriptAsync(_process.StandardError, timeout.Token);
            return new ToolRun(0, await ReadToEndOfScriptAsync(_process.StandardOutput, timeout.Token), await error);
        }
        catch
        {
            Kill();
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        Kill();
        _one.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> ReadToEndOfScriptAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == End)
            {
                return text.ToString();
            }

            text.AppendLine(line);
        }

        throw new InvalidOperationException($"PowerShell ended before its script: {text}");
    }

    private Process Start()
    {
        string[] command = [.. PowerShellProgram.Command, "-NoProfile", "-NonInteractive", "-Command", "-"];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in PowerShellProgram.EnvironmentIn(_folder.FullName))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private void Kill()
    {
        _process?.Kill(entireProcessTree: true);
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }
}
