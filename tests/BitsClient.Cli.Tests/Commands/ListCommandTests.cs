using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The whole 'list' command.</summary>
public sealed class ListCommandTests
{
    [Test]
    public async Task Json_is_an_array_with_an_object_for_each_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        await rig.ChangeAsync(id, state => state with { BytesAcknowledged = 1024, Url = new Uri(rig.Url("a.bin?key=sesame")) });
        BitsUploadCheckpoint state = (await rig.Store.LoadAsync(Guid.Parse(id)))!;

        ToolRun run = await ToolInProcess.RunAsync("list", "--state", rig.State, "--json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement upload = json.RootElement.EnumerateArray().Single();
        Assert.That(upload.EnumerateObject().Select(property => property.Name), Is.EqualTo(
            (string[])["id", "url", "file", "acknowledged", "total", "created", "updated"]));
        Assert.That(upload.GetProperty("id").GetString(), Is.EqualTo(id));
        Assert.That(upload.GetProperty("url").GetString(), Is.EqualTo(rig.Url("a.bin")));
        Assert.That(upload.GetProperty("file").GetString(), Is.EqualTo(rig.PathOf("a.bin")));
        Assert.That(upload.GetProperty("acknowledged").GetInt64(), Is.EqualTo(1024));
        Assert.That(upload.GetProperty("total").GetInt64(), Is.EqualTo(4096));
        Assert.That(upload.GetProperty("created").GetDateTimeOffset(), Is.EqualTo(state.CreatedAt));
        Assert.That(upload.GetProperty("updated").GetDateTimeOffset(), Is.EqualTo(state.UpdatedAt));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_read_is_listed_with_its_error_and_cannot_be_resumed()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        Directory.CreateDirectory(rig.State);
        await File.WriteAllTextAsync(Path.Combine(rig.State, "bad.json"), "{");

        ToolRun lines = await ToolInProcess.RunAsync("list", "--state", rig.State);
        ToolRun objects = await ToolInProcess.RunAsync("list", "--state", rig.State, "--json");
        ToolRun resumed = await ToolInProcess.RunAsync("resume", "bad", "--state", rig.State);

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
    public async Task A_missing_folder_has_no_uploads_and_is_not_created()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun lines = await ToolInProcess.RunAsync("list", "--state", rig.State);
        ToolRun objects = await ToolInProcess.RunAsync("list", "--state", rig.State, "--json");

        Assert.That(lines.ExitCode + objects.ExitCode, Is.Zero);
        Assert.That(lines.Output, Is.Empty);
        Assert.That(objects.OutputLines, Is.EqualTo((string[])["[]"]));
        Assert.That(Directory.Exists(rig.State), Is.False);
    }
}
