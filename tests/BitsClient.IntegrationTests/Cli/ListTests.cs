#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class ListTests : StateTest
{
    [Test]
    public async Task Each_upload_is_one_line()
    {
        string id = await LeaveAsync("a.bin");
        await SaveAsync(id, state => state with { BytesAcknowledged = 1024, UpdatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) });

        ToolRun run = await RunAsync("list", "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Is.EqualTo(
            (string[])[$"{id}   25% 1.0 KiB of 4.0 KiB, 2026-01-02 03:04:05Z  {PathOf("a.bin")} -> {Url("a.bin")}"]));
    }

    private async Task SaveAsync(string id, Func<BitsUploadCheckpoint, BitsUploadCheckpoint> change) =>
        await Store.SaveAsync(change((await Store.LoadAsync(Guid.Parse(id)))!));
}
#endif
