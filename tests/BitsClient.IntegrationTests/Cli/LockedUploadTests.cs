#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class LockedUploadTests(ToolBuild build) : StateTest(build)
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

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows always locks files.")]
    public async Task Without_file_locks_no_upload_is_run_and_no_lock_is_taken_away()
    {
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.CreateSession);
        ToolProcess first = Start(Rig.UploadWithCheckpoints("a.bin"));
        await first.ReachAsync(held);
        string[] before = Directory.GetFiles(Rig.State);
        int packets = Rig.Server.Dialogue.Count;

        ToolRun list = await StartWithoutFileLocks("list", "--state", Rig.State).EndAsync();
        ToolRun second = await StartWithoutFileLocks(Rig.UploadWithCheckpoints("b.bin")).EndAsync();

        Assert.That(list.ExitCode, Is.Zero, list.Error);
        Assert.That(before, Has.Length.EqualTo(2), "a lock and its owner, and no checkpoint yet");
        Assert.That(before, Is.All.Matches<string>(File.Exists));
        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.Error, Does.Contain("cannot be locked").And.Contain("DOTNET_SYSTEM_IO_DISABLEFILELOCKING"));
        Assert.That(Rig.Server.Dialogue, Has.Count.EqualTo(packets));
        held.Release();
        ToolRun run = await first.EndAsync();
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }
}
#endif
