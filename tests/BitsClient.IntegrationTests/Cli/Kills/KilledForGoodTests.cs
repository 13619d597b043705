#if NET10_0_OR_GREATER
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>Uploads that are killed and never resumed.</summary>
[Platform(Exclude = "Win", Reason = "On Windows, the exit code does not show that a process was killed.")]
internal sealed class KilledForGoodTests : ProcessTest
{
    private const int Uploads = 50;
    private const int Concurrent = 5;

    [Test, TimeLimit(120)]
    public async Task Cancel_all_leaves_nothing_of_fifty_killed_uploads()
    {
        Rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.NeverAnswer());
        string file = Rig.File("a.bin", 100_000);
        foreach (int[] numbers in Enumerable.Range(1, Uploads).Chunk(Concurrent))
        {
            await Task.WhenAll(numbers.Select(number => KillAsync(file, number)));
        }

        await Rig.Server.WhenSettledAsync();
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(Uploads));
        Assert.That(Rig.StateFiles, Has.Length.EqualTo(Uploads));

        ToolProcess cancel = Watched(ToolProcess.Start([.. ToolCommand.Fastest, "cancel", "--all", "--state", Rig.State]));
        ToolRun run = await cancel.EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Has.Length.EqualTo(Uploads).And.All.EndsWith(": canceled"));
        Assert.That(Rig.Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Canceled));
        Assert.That(Rig.StateFiles, Is.Empty);
        Rig.Server.AssertNoViolations();
    }

    // The server has received the first fragment but never acknowledges it.
    private async Task KillAsync(string file, int number)
    {
        string[] upload = ["upload", file, Rig.Url($"{number}.bin"), "--fragment-size", $"{number}K", "--state", Rig.State];
        ToolProcess tool = Watched(ToolProcess.Start([.. ToolCommand.Fastest, .. upload]));
        while (!Rig.Server.Sessions.Any(session => session.Path == $"/{number}.bin" && session.Received == number * 1024))
        {
            await Task.Delay(5, tool.TimeLimit);
        }

        Assert.That(await tool.KillAsync(), Is.True);
    }
}
#endif
