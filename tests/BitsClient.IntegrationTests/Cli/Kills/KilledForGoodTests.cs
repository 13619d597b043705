#if NET10_0_OR_GREATER
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

[Platform(Exclude = "Win", Reason = "There, an exit code does not tell a kill.")]
internal sealed class KilledForGoodTests : StateTest
{
    private const int Uploads = 50;
    private const int AtOnce = 5;

    [Test, TimeLimit(120)]
    public async Task Cancel_all_leaves_nothing_of_fifty_killed_uploads()
    {
        Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.NeverAnswer());
        string file = File("a.bin", 100_000);
        foreach (int[] some in Enumerable.Range(1, Uploads).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(number => KillAsync(file, number)));
        }

        await Server.WhenSettledAsync();
        Assert.That(Server.OpenSessionCount, Is.EqualTo(Uploads));
        Assert.That(StateFiles, Has.Length.EqualTo(Uploads));

        ToolRun run = await RunAsync("cancel", "--all", "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Has.Length.EqualTo(Uploads).And.All.EndsWith(": canceled"));
        Assert.That(Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Canceled));
        Assert.That(StateFiles, Is.Empty);
        Server.AssertNoViolations();
    }

    // Its first fragment is on the server, and nobody tells it so.
    private async Task KillAsync(string file, int number)
    {
        ToolProcess tool = Start("upload", file, Url($"{number}.bin"), "--fragment-size", $"{number}K", "--state", State);
        while (!Server.Sessions.Any(session => session.Path == $"/{number}.bin" && session.Received == number * 1024))
        {
            await Task.Delay(5, tool.TimeLimit);
        }

        Assert.That(await tool.KillAsync(), Is.True);
    }
}
#endif
