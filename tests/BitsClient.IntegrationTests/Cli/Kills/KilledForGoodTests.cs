#if NET10_0_OR_GREATER
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>Uploads that are killed and never resumed.</summary>
[Platform(Exclude = "Win", Reason = "On Windows, the exit code does not show that a process was killed.")]
internal sealed class KilledForGoodTests
{
    private const int Uploads = 50;
    private const int Concurrent = 5;

    private ToolRig _rig = null!;

    [SetUp]
    public async Task StartServer() => _rig = await ToolRig.StartAsync();

    [TearDown]
    public async Task StopServer() => await _rig.DisposeAsync();

    [Test, TimeLimit(120)]
    public async Task Cancel_all_leaves_nothing_of_fifty_killed_uploads()
    {
        _rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.NeverAnswer());
        string file = _rig.File("a.bin", 100_000);
        foreach (int[] numbers in Enumerable.Range(1, Uploads).Chunk(Concurrent))
        {
            await Task.WhenAll(numbers.Select(number => KillAsync(file, number)));
        }

        await _rig.Server.WhenSettledAsync();
        Assert.That(_rig.Server.OpenSessionCount, Is.EqualTo(Uploads));
        Assert.That(_rig.StateFiles, Has.Length.EqualTo(Uploads));

        using ToolProcess cancel = ToolProcess.Start([.. ToolCommand.Fastest, "cancel", "--all", "--state", _rig.State]);
        ToolRun run = await cancel.EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Has.Length.EqualTo(Uploads).And.All.EndsWith(": canceled"));
        Assert.That(_rig.Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Canceled));
        Assert.That(_rig.StateFiles, Is.Empty);
        _rig.Server.AssertNoViolations();
    }

    // The server has received the first fragment but never acknowledges it.
    private async Task KillAsync(string file, int number)
    {
        string[] upload = ["upload", file, _rig.Url($"{number}.bin"), "--fragment-size", $"{number}K", "--state", _rig.State];
        using ToolProcess tool = ToolProcess.Start([.. ToolCommand.Fastest, .. upload]);
        while (!_rig.Server.Sessions.Any(session => session.Path == $"/{number}.bin" && session.Received == number * 1024))
        {
            await Task.Delay(5, tool.TimeLimit);
        }

        Assert.That(await tool.KillAsync(), Is.True);
    }
}
#endif
