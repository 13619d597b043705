#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class LockedUploadTests : StateTest
{
    [TestCase("resume", "ID")]
    [TestCase("cancel", "ID")]
    [TestCase("cancel", "--all")]
    public async Task A_running_upload_cannot_be_resumed_or_canceled_by_another_process(string command, string which)
    {
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess first = Start("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K", "--state", Rig.State);
        await first.ReachAsync(held);
        int before = Rig.Server.Dialogue.Count;
        string id = (await Rig.Store.ListAsync()).Single().Checkpoint!.Id.ToString();

        ToolRun second = await RunAsync(command, which == "ID" ? id : which, "--state", Rig.State);
        int sent = Rig.Server.Dialogue.Count - before;
        held.Release();
        ToolRun run = await first.EndAsync();

        Assert.That(second.ExitCode, Is.EqualTo(1), second.Error);
        Assert.That(second.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(
            second.Error,
            Does.StartWith("bitsclient: ").And.Contain($"{id} is being run by process {first.Id} on {Environment.MachineName}"));
        Assert.That(sent, Is.Zero);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        await Rig.AssertArrivedAsync("a.bin");
    }
}
#endif
