#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
internal sealed class ListTests(ToolBuild build) : StateTest(build)
{
    [Test]
    public async Task Each_upload_is_one_line()
    {
        string id = await LeaveAsync("a.bin");
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await Rig.ChangeAsync(id, checkpoint => checkpoint with { BytesAcknowledged = 1024, UpdatedAt = time });

        ToolRun run = await RunAsync("list", "--state", Rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Is.EqualTo(
            (string[])[$"{id}   25% 1.0 KiB of 4.0 KiB, 2026-01-02 03:04:05Z  {Rig.PathOf("a.bin")} -> {Rig.Url("a.bin")}"]));
    }
}
#endif
