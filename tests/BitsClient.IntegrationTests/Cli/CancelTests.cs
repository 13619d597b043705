#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
internal sealed class CancelTests(ToolBuild build) : StateTest(build)
{
    [Test]
    public async Task An_upload_is_canceled_without_its_file_and_its_checkpoint_is_deleted()
    {
        string id = await LeaveAsync("a.bin");
        string other = await LeaveAsync("b.bin");
        File.Delete(Rig.PathOf("a.bin"));

        ToolRun run = await RunAsync("cancel", id, "--state", Rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Is.EqualTo((string[])[$"{id} ({Rig.Url("a.bin")}): canceled"]));
        Assert.That(
            Rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo((BitsTestSessionState[])[BitsTestSessionState.Canceled, BitsTestSessionState.Open]));
        Assert.That(Rig.StateFiles.Select(Path.GetFileNameWithoutExtension), Is.EqualTo((string[])[other]));
    }

    [Test]
    public async Task An_unreachable_server_is_reported_as_the_reason()
    {
        Guid id = await Rig.SaveAsync("some", TimeSpan.Zero);
        await Rig.StopServerAsync();

        ToolRun run = await RunAsync("cancel", $"{id}", "--state", Rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines[0], Does.EndWith("may stay on the server: there was no answer (ConnectionError)."));
        Assert.That(run.ErrorLines[1], Does.Contain($"{id}").And.Contain("the checkpoint is kept"));
    }
}
#endif
