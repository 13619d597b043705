#if NET10_0_OR_GREATER
using System.Text.Json;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class ListTests : StateTest
{
    [Test]
    public async Task Each_upload_is_a_line()
    {
        string id = await LeaveAsync("a.bin");
        await SaveAsync(id, state => state with { BytesAcknowledged = 1024, UpdatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) });

        ToolRun run = await RunAsync("list", "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Is.EqualTo(
            (string[])[$"{id}   25% 1.0 KiB of 4.0 KiB, 2026-01-02 03:04:05Z  {PathOf("a.bin")} -> {Url("a.bin")}"]));
    }

    [Test]
    public async Task Json_is_an_array_with_an_object_for_each_upload()
    {
        string id = await LeaveAsync("a.bin");
        await SaveAsync(id, state => state with { BytesAcknowledged = 1024, Url = new Uri(Url("a.bin?key=sesame")) });
        BitsUploadState state = (await Store.LoadAsync(Guid.Parse(id)))!;

        ToolRun run = await RunAsync("list", "--state", State, "--json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement upload = json.RootElement.EnumerateArray().Single();
        Assert.That(upload.EnumerateObject().Select(property => property.Name), Is.EqualTo(
            (string[])["id", "url", "file", "acknowledged", "total", "created", "updated"]));
        Assert.That(upload.GetProperty("id").GetString(), Is.EqualTo(id));
        Assert.That(upload.GetProperty("url").GetString(), Is.EqualTo(Url("a.bin")));
        Assert.That(upload.GetProperty("file").GetString(), Is.EqualTo(PathOf("a.bin")));
        Assert.That(upload.GetProperty("acknowledged").GetInt64(), Is.EqualTo(1024));
        Assert.That(upload.GetProperty("total").GetInt64(), Is.EqualTo(4096));
        Assert.That(upload.GetProperty("created").GetDateTimeOffset(), Is.EqualTo(state.CreatedAt));
        Assert.That(upload.GetProperty("updated").GetDateTimeOffset(), Is.EqualTo(state.UpdatedAt));
    }

    [Test]
    public async Task What_cannot_be_read_is_listed_with_its_fault_and_resumed_by_nobody()
    {
        Directory.CreateDirectory(State);
        await System.IO.File.WriteAllTextAsync(Path.Combine(State, "bad.json"), "{");

        ToolRun lines = await RunAsync("list", "--state", State);
        ToolRun objects = await RunAsync("list", "--state", State, "--json");
        ToolRun resumed = await RunAsync("resume", "bad", "--state", State);

        Assert.That(lines.ExitCode, Is.Zero);
        Assert.That(lines.OutputLines.Single(), Does.StartWith("bad  cannot be read: ").And.Contain("damaged"));
        using JsonDocument json = JsonDocument.Parse(objects.Output);
        JsonElement upload = json.RootElement.EnumerateArray().Single();
        Assert.That(upload.GetProperty("id").GetString(), Is.EqualTo("bad"));
        Assert.That(upload.GetProperty("url").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(upload.GetProperty("fault").GetString(), Does.Contain("damaged"));
        Assert.That(resumed.ExitCode, Is.EqualTo(1));
        Assert.That(resumed.ErrorLines.Single(), Does.StartWith("bitsclient: ").And.Contain("damaged"));
    }

    [Test]
    public async Task A_folder_that_is_not_there_holds_none_and_is_not_made()
    {
        ToolRun lines = await RunAsync("list", "--state", State);
        ToolRun objects = await RunAsync("list", "--state", State, "--json");

        Assert.That(lines.ExitCode + objects.ExitCode, Is.Zero);
        Assert.That(lines.Output, Is.Empty);
        Assert.That(objects.OutputLines, Is.EqualTo((string[])["[]"]));
        Assert.That(Directory.Exists(State), Is.False);
    }

    private async Task SaveAsync(string id, Func<BitsUploadState, BitsUploadState> change) =>
        await Store.SaveAsync(change((await Store.LoadAsync(Guid.Parse(id)))!));
}
#endif
