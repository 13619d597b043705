#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A tool test with saved uploads that have ended early.</summary>
internal abstract class StateTest(ToolBuild build) : ToolTest(build)
{
    /// <summary>
    /// Uploads a file of 4096 bytes in fragments of 1024 bytes, and signals the tool after the server has handled the second fragment.
    /// </summary>
    protected async Task<ToolRun> StopInTheMiddleAsync(string signal, string name, params string[] options)
    {
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess tool = Start(Rig.UploadWithCheckpoints(name, options));
        await tool.ReachAsync(held);
        await tool.SignalAsync(signal);
        ToolRun run = await tool.EndAsync();
        await Rig.Server.WhenSettledAsync(tool.TimeLimit);
        return run;
    }

    /// <summary>Stops an upload with SIGTERM, which keeps its session and checkpoint, and returns its id.</summary>
    protected async Task<string> LeaveAsync(string name, params string[] options)
    {
        await StopInTheMiddleAsync("TERM", name, options);
        return await Rig.IdOfAsync(name);
    }
}
#endif
