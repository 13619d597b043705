#if NET10_0_OR_GREATER
using System.Text.Json;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
internal sealed class ResumeTests(ToolBuild build) : StateTest(build)
{
    [Test]
    public async Task SIGTERM_keeps_the_session_and_the_command_on_stderr_completes_the_upload()
    {
        ToolRun stopped = await StopInTheMiddleAsync("TERM", "a.bin");
        Assert.That(stopped.ExitCode, Is.EqualTo(143), stopped.Error);
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession), Is.Empty);
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(Rig.StateFiles, Has.Length.EqualTo(1));
        int before = Rig.Server.Dialogue.Count;

        ToolRun run = await RunAsync([.. ToolRun.CommandIn(stopped.ErrorLines[^1], "resume"), "--fragment-size", "1K"]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Rig.Server.Dialogue[before].PacketType, Is.EqualTo(BitsPacketNames.Ping));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(1));
        Assert.That(Rig.Server.Dialogue.Skip(before).Sum(exchange => exchange.BodyBytes), Is.LessThanOrEqualTo(3 * 1024));
        await Rig.AssertArrivedAsync("a.bin");
        Rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task Ctrl_C_cancels_the_session_even_with_saved_checkpoints()
    {
        ToolRun run = await StopInTheMiddleAsync("INT", "a.bin", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(130), run.Error);
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession).Count(), Is.EqualTo(1));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.StateFiles, Is.Empty);
        Assert.That(run.Error, Does.Not.Contain("resume"));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("sessionCanceled"));
    }
}
#endif
