using BitsClient.IntegrationTests.Cli;
using BitsClient.PowerShell.Tests.Support;
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

    /// <summary>The session that tests share unless their script needs a process of its own.</summary>
    public static PowerShellSession Shared { get; } = new();

    /// <summary>The folder that contains the folder of the module.</summary>
    public static string Modules { get; } = FolderOfModules();

    /// <summary>The variables of a PowerShell that finds the module, and whose user has a home in a folder.</summary>
    public static Dictionary<string, string> EnvironmentIn(string folder)
    {
        return new()
        {
            ["PSModulePath"] = Modules,
            ["HOME"] = Folder("home"),
            ["XDG_DATA_HOME"] = Folder("data"),
            ["XDG_CONFIG_HOME"] = Folder("config"),
            ["XDG_CACHE_HOME"] = Folder("cache"),
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
            ["NO_COLOR"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        };

        // It has to exist: PowerShell writes to the current folder otherwise.
        string Folder(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
    }

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

    [OneTimeTearDown]
    public void EndShared() => Shared.Dispose();

    // tests/X/bin/Debug/net10.0/ -> src/BitsClient.PowerShell/bin/Debug/
    private static string FolderOfModules()
    {
        DirectoryInfo target = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Repository.PathOf("src", "BitsClient.PowerShell", "bin", target.Parent!.Name);
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
