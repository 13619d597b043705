using System.Runtime.InteropServices;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Support;

/// <summary>Uploads that a signal stops in the middle.</summary>
internal static class StoppedUploads
{
    /// <summary>
    /// Uploads a file of 4096 bytes in fragments of 1024 bytes, and signals the tool after the server has handled the second fragment.
    /// </summary>
    public static async Task<ToolRun> StopInTheMiddleAsync(this ToolRig rig, PosixSignal signal, string name, params string[] options)
    {
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        await using ToolInProcess tool = ToolInProcess.Start(rig.UploadWithCheckpoints(name, options));
        await tool.ReachAsync(held);
        tool.Signal(signal);
        ToolRun run = await tool.EndAsync();
        await rig.Server.WhenSettledAsync();
        return run;
    }

    /// <summary>Stops an upload with SIGTERM, which keeps its session and checkpoint, and returns its id.</summary>
    public static async Task<string> LeaveAsync(this ToolRig rig, string name, params string[] options)
    {
        await rig.StopInTheMiddleAsync(PosixSignal.SIGTERM, name, options);
        return await rig.IdOfAsync(name);
    }
}
