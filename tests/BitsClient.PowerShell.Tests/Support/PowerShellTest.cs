using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.PowerShell.Tests.Support;

/// <summary>A test that runs scripts with the built module.</summary>
[TimeLimit(120)]
internal abstract class PowerShellTest : ProcessTest
{
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Starts a script in a PowerShell of its own, in the folder of the rig. Its variable $url is the root of the server; uploads are saved
    /// in the folder of the rig unless it says otherwise.
    /// </summary>
    protected ToolProcess Start(string script)
    {
        string[] command = [.. PowerShellProgram.Command, "-NoProfile", "-NonInteractive", "-Command", Whole(script)];
        return Watched(ToolProcess.StartProgram(command, ScriptLimit, PowerShellProgram.EnvironmentIn(Rig.PathOf(""))));
    }

    /// <summary>Runs a script like that of <see cref="Start"/> to its end, in the PowerShell that the tests share.</summary>
    /// <returns>The lines that it wrote to any of its streams.</returns>
    protected async Task<string[]> RunAsync(string script) =>
        LinesOf(await PowerShellProgram.Shared.RunAsync(Whole($"& {{ {script} }} *>&1"), ScriptLimit));

    /// <summary>Runs a script to its end, in a PowerShell of its own.</summary>
    /// <returns>The lines that it wrote to any of its streams.</returns>
    protected async Task<string[]> RunAloneAsync(string script) => LinesOf(await Start($"& {{ {script} }} *>&1").EndAsync());

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

    /// <summary>Uploads the first half of a file of 4096 bytes. The upload fails then and stays saved.</summary>
    protected async Task FailInTheMiddleAsync(string name)
    {
        Rig.File(name, 4096);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        string[] lines = await RunAsync(
            $"Send-BitsFile {name} $url -ErrorVariable failed 2>$null; $failed.FullyQualifiedErrorId.Split(',')[0]");
        Assert.That(lines, Is.EqualTo(["Server"]));
    }

    private string Whole(string script) =>
        $$"""
        Set-Location '{{Rig.PathOf("")}}'
        $url = '{{Rig.Url("")}}'
        $PSDefaultParameterValues = @{ '*-Bits*:StatePath' = '{{Rig.State}}'; '*-Bits*:FragmentSize' = 1024 }
        {{script}}
        """;

    private string[] LinesOf(ToolRun run)
    {
        Assert.That(run.Error, Is.Empty, $"{run.Output}{string.Join('\n', Rig.Server.Dialogue)}");
        return run.OutputLines;
    }
}
