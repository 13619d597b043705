using BitsClient.IntegrationTests.Cli;
using BitsClient.Tests.Support;

namespace BitsClient.PowerShell.Tests;

/// <summary>The program 'pwsh': that of the PATH or, if there is none, a dotnet tool that is installed once, in the checkout.</summary>
[SetUpFixture]
internal sealed class PowerShellProgram
{
    private const string Version = "7.6.9";

    private static readonly TimeSpan InstallationLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly string Tools = Repository.PathOf("artifacts", "tools", $"powershell-{Version}");

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The program, and arguments that come first.</summary>
    public static string[] Command { get; private set; } = [];

    [OneTimeSetUp]
    public async Task FindOrInstall()
    {
        string? program = Find();
        if (program is null)
        {
            string error = await InstallAsync();
            program = Find();
            Assume.That(
                program, Is.Not.Null,
                $"There is no pwsh in the PATH, and the dotnet tool PowerShell {Version} cannot be installed: {error}");
        }

        // The command of the dotnet tool starts PowerShell in another process, which a signal to the command does not reach.
        using ToolProcess asked = ToolProcess.StartProgram([program!, "-NoProfile", "-NonInteractive", "-Command", "$PSHOME"], StartLimit);
        string home = (await asked.EndAsync()).OutputLines.Single();
        bool isTool = File.Exists(Path.Combine(Path.GetDirectoryName(home)!, "Microsoft.PowerShell.GlobalTool.Shim.dll"));
        Command = isTool ? [Host, Path.Combine(home, "pwsh.dll")] : [program!];
    }

    // The program is written last, so that one that is there is complete.
    private static string? Find()
    {
        string name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), Tools];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static async Task<string> InstallAsync()
    {
        string[] command = [Host, "tool", "install", "PowerShell", "--version", Version, "--tool-path", Tools];
        using ToolProcess installing = ToolProcess.StartProgram(command, InstallationLimit);
        try
        {
            return (await installing.EndAsync()).Error;
        }
        catch (OperationCanceledException)
        {
            return $"It took more than {InstallationLimit.TotalMinutes} minutes.";
        }
    }
}
