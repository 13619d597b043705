using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;
using BitsClient.Tests;
using BitsClient.Tests.Support;

namespace BitsClient.PowerShell.Tests.Support;

/// <summary>
/// A test that runs scripts with the built module, each in a PowerShell of its own. What is still running at the end of the test is killed.
/// </summary>
[TimeLimit(120)]
internal abstract class PowerShellTest
{
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromSeconds(90);

    private readonly List<ToolProcess> _running = [];

    protected ToolRig Rig { get; private set; } = null!;

    /// <summary>The folder that contains the folder of the module.</summary>
    protected static string Modules { get; } = FolderOfModules();

    /// <summary>The options of the server; null for those of <see cref="ToolRig.StartAsync"/>.</summary>
    protected virtual BitsTestServerOptions? ServerOptions => null;

    [SetUp]
    public async Task StartServer() => Rig = await ToolRig.StartAsync(ServerOptions);

    [TearDown]
    public async Task StopEverything()
    {
        _running.ForEach(process => process.Dispose());
        await Rig.DisposeAsync();
    }

    /// <summary>
    /// Starts a script in the folder of the rig. Its variable $url is the root of the server; uploads are saved in the folder of the rig
    /// unless it says otherwise.
    /// </summary>
    protected ToolProcess Start(string script)
    {
        string whole = $$"""
            Set-Location '{{Rig.PathOf("")}}'
            $url = '{{Rig.Url("")}}'
            $PSDefaultParameterValues = @{ '*-Bits*:StatePath' = '{{Rig.State}}'; '*-Bits*:FragmentSize' = 1024 }
            {{script}}
            """;
        // These folders have to exist: PowerShell writes to the current one otherwise.
        Dictionary<string, string> environment = new()
        {
            ["PSModulePath"] = Modules,
            ["HOME"] = Rig.Folder("home"),
            ["XDG_DATA_HOME"] = Rig.Folder("data"),
            ["XDG_CONFIG_HOME"] = Rig.Folder("config"),
            ["XDG_CACHE_HOME"] = Rig.Folder("cache"),
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
            ["NO_COLOR"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        };
        string[] command = [.. PowerShellProgram.Command, "-NoProfile", "-NonInteractive", "-Command", whole];
        ToolProcess process = ToolProcess.StartProgram(command, ScriptLimit, environment);
        _running.Add(process);
        return process;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <returns>The lines that it wrote to any of its streams.</returns>
    protected async Task<string[]> RunAsync(string script)
    {
        ToolRun run = await Start($"& {{ {script} }} *>&1").EndAsync();
        Assert.That(run.Error, Is.Empty, $"{run.Output}{string.Join('\n', Rig.Server.Dialogue)}");
        return run.OutputLines;
    }

    /// <summary>Uploads a file of 4096 bytes, and kills PowerShell when the server has received half of it.</summary>
    protected async Task KillInTheMiddleAsync(string name)
    {
        Rig.File(name, 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 3);
        ToolProcess process = Start($"Send-BitsFile {name} $url -Description Nightly");
        await process.ReachAsync(held);
        await process.KillAsync();
        held.Release();
    }

    // tests/X/bin/Debug/net10.0/ -> src/BitsClient.PowerShell/bin/Debug/
    private static string FolderOfModules()
    {
        DirectoryInfo target = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Repository.PathOf("src", "BitsClient.PowerShell", "bin", target.Parent!.Name);
    }
}
