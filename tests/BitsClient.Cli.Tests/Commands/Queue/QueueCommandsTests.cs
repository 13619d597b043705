using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands.Queue;

/// <summary>The commands of 'queue', on SQLite; nothing is uploaded unless a test runs 'queue run'.</summary>
public sealed class QueueCommandsTests
{
    private ToolRig _rig = null!;

    private string Db => _rig.PathOf("queue.db");

    [SetUp]
    public async Task StartServer() => _rig = await ToolRig.StartAsync();

    [TearDown]
    public async Task StopServer() => await _rig.DisposeAsync();

    [Test]
    public async Task Add_writes_the_ids_and_list_shows_what_was_added()
    {
        string first = _rig.File("a.bin", 1000);
        string second = _rig.File("b.bin", 1000);

        ToolRun added = await RunAsync(
            "add", first, second, _rig.Url("in/"), "--priority", "high", "--name", "nightly", "--description", "of today", "--not-before",
            "2126-12-31T22:00:30Z");
        ToolRun listed = await RunAsync("list");
        JsonElement[] uploads = await ListAsync();

        Assert.That((added.ExitCode, added.ErrorLines.Single()), Is.EqualTo(
            (0, $"bitsclient: There is no queue '{Db}' yet. It will be created.")));
        Assert.That(added.OutputLines, Is.EqualTo(uploads.Select(upload => upload.GetProperty("id").GetString())));
        Assert.That(
            listed.OutputLines[0],
            Is.EqualTo(
                $"{added.OutputLines[0]}  queued, not before 2126-12-31 22:00:30Z  {first} -> {_rig.Url("in/a.bin")}  (nightly)  [high]"));
        Assert.That(uploads[1].EnumerateObject().Select(property => property.Name), Is.EqualTo((string[])[
            "id", "status", "url", "file", "acknowledged", "total", "priority", "tries", "enqueued", "due", "started", "ended", "name",
            "description"]));
        Assert.That(
            (Text(uploads[1], "status"), Text(uploads[1], "url"), Text(uploads[1], "file"), Text(uploads[1], "priority")),
            Is.EqualTo(("queued", _rig.Url("in/b.bin"), second, "high")));
        Assert.That((Text(uploads[1], "name"), Text(uploads[1], "description")), Is.EqualTo(("nightly", "of today")));
        DateTimeOffset due = new(2126, 12, 31, 22, 0, 30, TimeSpan.Zero);
        Assert.That(uploads[1].GetProperty("due").GetDateTimeOffset(), Is.EqualTo(due));
    }

    [Test]
    public async Task Run_uploads_what_is_in_the_queue_and_watch_ends_with_it()
    {
        string file = _rig.File("a.bin", 4096);
        string id = await AddAsync(file, "a.bin?key=sesame");
        await using ToolInProcess running = ToolInProcess.Start("queue", "run", "--db", Db, "--fragment-size", "1K");

        ToolRun watched = await RunAsync("watch", id[..8]);
        string begun = await running.ErrorLineAsync("begins");
        string ended = await running.ErrorLineAsync("was uploaded");
        running.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        ToolRun run = await running.EndAsync();

        Assert.That(watched.ExitCode, Is.Zero, watched.Error);
        Assert.That(watched.Output, Is.EqualTo($"Uploaded '{file}' to {_rig.Url("a.bin")}: 4096 bytes{Environment.NewLine}"));
        Assert.That(begun, Is.EqualTo($"bitsclient: The upload of {file} to {_rig.Url("a.bin")} ({id}) begins."));
        Assert.That(ended, Is.EqualTo($"bitsclient: {file} was uploaded ({id}): 4096 bytes."));
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((130, "")), run.Error);
        Assert.That(run.Error, Does.Not.Contain("sesame"));
        Assert.That(_rig.Packets(BitsPacketNames.Fragment).Count(), Is.EqualTo(4));
        await _rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task A_failed_upload_is_an_error_for_watch_and_for_run_and_is_listed_with_its_reason()
    {
        _rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403));
        string id = await AddAsync(_rig.File("a.bin", 100), "a.bin");
        await using ToolInProcess running = ToolInProcess.Start("queue", "run", "--db", Db, "--quiet");

        ToolRun watched = await RunAsync("watch", id);
        string failed = await running.ErrorLineAsync("failed");
        ToolRun listed = await RunAsync("list", "--status", "error");
        ToolRun others = await RunAsync("list", "--status", "transferred");

        Assert.That(watched.ExitCode, Is.EqualTo(1));
        Assert.That(watched.ErrorLines[^1], Does.StartWith("bitsclient: ").And.Contain("403"));
        Assert.That(failed, Does.Contain(id).And.Contain("403"));
        Assert.That(listed.OutputLines.Single(), Does.StartWith($"{id}  error").And.Contain("403"));
        Assert.That((others.Output, others.ErrorLines.Single()), Is.EqualTo(("", "bitsclient: The queue has no such uploads.")));
    }

    [Test]
    public async Task An_upload_that_waits_is_suspended_resumed_canceled_and_forgotten()
    {
        string id = await AddAsync(_rig.File("a.bin", 100), "a.bin");
        string subject = $"{id} ({_rig.Url("a.bin")}): ";

        ToolRun suspended = await RunAsync("suspend", id[..6]);
        ToolRun resumed = await RunAsync("resume", id[..6]);
        ToolRun tooEarly = await RunAsync("forget", id[..6]);
        ToolRun canceled = await RunAsync("cancel", id[..6]);
        ToolRun tooLate = await RunAsync("suspend", id[..6]);
        ToolRun notAgain = await RunAsync("resume", id[..6]);
        ToolRun watched = await RunAsync("watch", id[..6]);
        ToolRun forgotten = await RunAsync("forget", id[..6]);
        ToolRun unknown = await RunAsync("forget", id[..6]);

        Assert.That(suspended.OutputLines.Single(), Is.EqualTo(subject + "suspended"));
        Assert.That(resumed.OutputLines.Single(), Is.EqualTo(subject + "queued"));
        Assert.That((tooEarly.ExitCode, tooEarly.Error), Is.EqualTo(
            (1, $"bitsclient: The upload {id} has not ended. Cancel it first.{Environment.NewLine}")));
        Assert.That((canceled.ExitCode, canceled.OutputLines.Single()), Is.EqualTo((0, subject + "canceled; no session was open")));
        Assert.That((tooLate.ExitCode, tooLate.ErrorLines.Single()), Is.EqualTo(
            (1, $"bitsclient: {subject}cannot be suspended: canceled")));
        Assert.That((notAgain.ExitCode, notAgain.ErrorLines.Single()), Is.EqualTo(
            (1, $"bitsclient: {subject}cannot be resumed: canceled")));
        Assert.That((watched.ExitCode, watched.ErrorLines.Single()), Is.EqualTo((1, "bitsclient: The upload was canceled.")));
        Assert.That((forgotten.ExitCode, forgotten.OutputLines.Single()), Is.EqualTo((0, subject + "forgotten")));
        Assert.That((unknown.ExitCode, unknown.ErrorLines.Single()), Is.EqualTo(
            (1, $"bitsclient: There is no upload '{id[..6]}' in the queue.")));
    }

    [Test]
    public async Task A_signal_ends_watch_and_not_the_upload()
    {
        string id = await AddAsync(_rig.File("a.bin", 100), "a.bin");
        await using ToolInProcess watching = ToolInProcess.Start("queue", "watch", id, "--db", Db);
        await watching.ErrorLineAsync("queued");

        watching.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        ToolRun watched = await watching.EndAsync();

        Assert.That((watched.ExitCode, watched.ErrorLines[^1]), Is.EqualTo(
            (143, "bitsclient: Stopped watching. This does not affect the upload.")));
        Assert.That((await ListAsync()).Select(upload => Text(upload, "status")), Is.EqualTo((string[])["queued"]));
    }

    [Test]
    public async Task Forget_all_keeps_what_has_not_ended_and_what_ended_lately()
    {
        string file = _rig.File("a.bin", 100);
        string waiting = await AddAsync(file, "a.bin");
        await RunAsync("cancel", await AddAsync(file, "b.bin"));

        ToolRun none = await RunAsync("forget", "--all", "--older-than", "1d");
        ToolRun one = await RunAsync("forget", "--all");

        Assert.That((none.Output.Trim(), one.Output.Trim()), Is.EqualTo(("0 uploads forgotten", "1 upload forgotten")));
        Assert.That((await ListAsync()).Select(upload => Text(upload, "id")), Is.EqualTo((string[])[waiting]));
    }

    [Test]
    public async Task A_prefix_of_two_ids_is_ambiguous()
    {
        string file = _rig.File("a.bin", 100);
        HashSet<char> first = [];
        string id;
        do
        {
            id = await AddAsync(file, "a.bin");
        }
        while (first.Add(id[0]));

        ToolRun run = await RunAsync("cancel", id[..1]);

        Assert.That((run.ExitCode, run.ErrorLines.Single()), Is.EqualTo(
            (1, $"bitsclient: '{id[..1]}' is ambiguous: it matches 2 uploads in the queue; specify more of the id.")));
    }

    [TestCase("There is no file 'NONE'.", 1, "NONE", "URL")]
    [TestCase("is a folder", 1, "FOLDER", "URL")]
    [TestCase("stdin", 2, "-", "URL")]
    [TestCase("--user with 'queue run'", 2, "FILE", "http://me:secret@server/a.bin")]
    [TestCase("--not-before must be", 2, "FILE", "URL", "--not-before", "tomorrow")]
    [TestCase("--priority must be", 2, "FILE", "URL", "--priority", "7")]
    [TestCase("would overwrite", 1, "FILE", "URL", "--reply", "FILE")]
    public async Task What_cannot_be_uploaded_is_not_added(string message, int exitCode, params string[] arguments)
    {
        string file = _rig.File("a.bin", 100);
        string folder = _rig.Folder("folder");

        ToolRun run = await RunAsync("add", [
            .. arguments.Select(argument => argument switch
            {
                "FILE" => file,
                "FOLDER" => folder,
                "NONE" => _rig.PathOf("none"),
                "URL" => _rig.Url("a.bin"),
                _ => argument,
            })]);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((exitCode, "")));
        Assert.That(run.ErrorLines.Single(), Does.Contain(message.Replace("NONE", _rig.PathOf("none"))).And.Not.Contain("secret"));
        Assert.That(File.Exists(Db), Is.False);
    }

    private async Task<string> AddAsync(string file, string name)
    {
        ToolRun run = await RunAsync("add", file, _rig.Url(name));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.OutputLines.Single();
    }

    private async Task<JsonElement[]> ListAsync()
    {
        ToolRun run = await RunAsync("list", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.EnumerateArray().Select(upload => upload.Clone())];
    }

    private static string? Text(JsonElement upload, string property) => upload.GetProperty(property).GetString();

    private Task<ToolRun> RunAsync(string command, params string[] arguments) =>
        ToolInProcess.RunAsync(["queue", command, .. arguments, "--db", Db]);
}
