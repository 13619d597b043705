#if NET10_0_OR_GREATER
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>The tool in a terminal of 60, 80 and 120 columns: its bars and messages do not overwrite each other.</summary>
[Platform(Include = "Linux", Reason = "script has different options on other systems.")]
internal sealed class TerminalTests(ToolBuild build) : ToolTest(build)
{
    [TestCase(60)]
    [TestCase(80)]
    [TestCase(120)]
    public async Task A_cancel_of_two_uploads_after_one_has_failed(int width)
    {
        BitsGate first = Rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        BitsGate second = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        string[] files = [Rig.PathOf("there-is-no-such-file.bin"), Rig.File("a.bin", 4096), Rig.File("b.bin", 4096)];
        ToolProcess tool = StartInTerminal(width, ["upload", .. files, Rig.Url(""), "--fragment-size", "1K"]);
        await tool.ReachAsync(first);
        await tool.ReachAsync(second);
        await tool.TypeAsync("\u0003");
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(130), run.Output);
        Screen screen = new(width);
        screen.Write(run.Output);
        Assert.That(screen.HasWrapped, Is.EqualTo(width == 60), $"of these lines, only the summary may be wrapped:\n{screen}");
        string text = string.Join(' ', screen.Lines.Select(line => line.Trim()));
        Assert.That(text, Does.Contain("there-is-no-such-file.bin"), run.Output.Replace("\u001b", "ESC", StringComparison.Ordinal));
        Assert.That(text, Does.Contain("Canceling the session. A second Ctrl-C quits without waiting."));
        Assert.That(screen.Lines.Count(line => line.StartsWith("3/3 ", StringComparison.Ordinal)), Is.EqualTo(1), "the total");
        Assert.That(text, Does.Match(@"Uploaded 0 of 3 files, 0 bytes, in \d+\.\d s, 1 failed, 2 cancel"));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }
}
#endif
