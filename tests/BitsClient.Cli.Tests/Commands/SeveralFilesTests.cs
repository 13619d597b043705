using System.Runtime.InteropServices;
using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>Uploads of several files by one command.</summary>
public sealed class SeveralFilesTests
{
    [Test]
    public async Task All_files_arrive_and_the_last_line_is_a_summary()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] names = [.. Enumerable.Range(1, 20).Select(number => $"{number}.bin")];
        string[] files = [.. names.Select((name, i) => rig.File(name, 1000 + i))];

        ToolRun run = await ToolInProcess.RunAsync(["upload", .. files, rig.Url("")]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        foreach (string name in names)
        {
            await rig.AssertArrivedAsync(name);
        }

        Assert.That(run.OutputLines, Has.Length.EqualTo(21));
        Assert.That(run.OutputLines[..^1], Is.All.StartWith("Uploaded '"));
        Assert.That(run.OutputLines[^1], Does.Match(@"^Uploaded 20 of 20 files, 20190 bytes, in \d+\.\d s$"));
        Assert.That(run.ErrorLines, Is.All.Matches("^[0-9]+ of 20 files: +[0-9]+% "));
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task No_more_than_the_specified_number_run_at_the_same_time(int parallel)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [.. Enumerable.Range(1, 4).Select(number => rig.File($"{number}.bin", 10))];
        BitsGate[] held = [.. Enumerable.Range(1, 4).Select(number => rig.Server.HoldAck(BitsPacketNames.CreateSession, number))];
        await using ToolInProcess tool = ToolInProcess.Start(["upload", .. files, rig.Url(""), "--parallel", $"{parallel}"]);
        for (int i = 0; i < parallel; i++)
        {
            await tool.ReachAsync(held[i]);
        }

        Assert.That(held[parallel].Reached.IsCompleted, Is.False);
        Assert.That(rig.Packets(BitsPacketNames.Fragment), Is.Empty);
        held[0].Release();
        await tool.ReachAsync(held[parallel]);
        Array.ForEach(held, gate => gate.Release());

        ToolRun run = await tool.EndAsync();
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }

    [Test]
    public async Task A_failure_does_not_stop_the_others_and_ends_in_exit_code_1()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [rig.File("a.bin", 10), rig.PathOf("none.bin"), rig.Folder("folder"), rig.File("b.bin", 20)];

        ToolRun run = await ToolInProcess.RunAsync(["upload", .. files, rig.Url("")]);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        await rig.AssertArrivedAsync("a.bin");
        await rig.AssertArrivedAsync("b.bin");
        Assert.That(run.ErrorLines, Has.Some.StartsWith($"bitsclient: {rig.PathOf("none.bin")}: "));
        Assert.That(run.ErrorLines, Has.Some.StartsWith($"bitsclient: {rig.PathOf("folder")}: ").And.Some.Contains("--recurse"));
        Assert.That(run.OutputLines[^1], Does.StartWith("Uploaded 2 of 4 files, 30 bytes, in ").And.EndsWith(", 2 failed"));
    }

    [Test]
    public async Task Json_is_one_line_for_each_file_and_the_summary_is_on_stderr()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [rig.File("a.bin", 10), rig.PathOf("none.bin")];

        ToolRun run = await ToolInProcess.RunAsync(["upload", .. files, rig.Url(""), "--json"]);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        JsonElement[] reports = [.. run.OutputLines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(
            reports.Select(report => (report.GetProperty("file").GetString(), report.GetProperty("outcome").GetString())),
            Is.EquivalentTo(new[] { (files[0], "completed"), (files[1], "failed") }));
        Assert.That(run.ErrorLines[^1], Does.StartWith("bitsclient: Uploaded 1 of 2 files, 10 bytes, in ").And.EndsWith(", 1 failed"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Ctrl_C_cancels_all_sessions_and_begins_no_other_upload(bool json)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [.. Enumerable.Range(1, 6).Select(number => rig.File($"{number}.bin", 3000))];
        BitsGate[] held = [rig.Server.HoldAck(BitsPacketNames.Fragment, 1), rig.Server.HoldAck(BitsPacketNames.Fragment, 2)];
        string[] options = ["--parallel", "2", "--fragment-size", "1K"];
        await using ToolInProcess tool =
            ToolInProcess.Start(["upload", .. files, rig.Url(""), .. options, .. (string[])(json ? ["--json"] : [])]);
        await tool.ReachAsync(held[0]);
        await tool.ReachAsync(held[1]);

        tool.Signal(PosixSignal.SIGINT);
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(130));
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.EqualTo(
            new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Canceled }));
        Assert.That(run.ErrorLines.Count(line => line.Contains("A second Ctrl-C", StringComparison.Ordinal)), Is.EqualTo(1));
        string[] lines = json ? run.ErrorLines : run.OutputLines;
        Assert.That(lines[^1], Does.Contain("Uploaded 0 of 6 files, 0 bytes, in ").And.EndsWith(", 6 canceled"));
        if (json)
        {
            IEnumerable<string?> outcomes =
                run.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("outcome").GetString());
            Assert.That(outcomes.Order(), Is.EqualTo(Enumerable.Repeat("notStarted", 4).Concat(["sessionCanceled", "sessionCanceled"])));
        }
    }

    [Test]
    public async Task SIGTERM_keeps_the_sessions_of_uploads_with_checkpoints()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [rig.File("a.bin", 3000), rig.File("b.bin", 3000)];
        BitsGate[] held = [rig.Server.HoldAck(BitsPacketNames.Fragment, 1), rig.Server.HoldAck(BitsPacketNames.Fragment, 2)];
        await using ToolInProcess tool =
            ToolInProcess.Start(["upload", .. files, rig.Url(""), "--fragment-size", "1K", "--state", rig.State]);
        await tool.ReachAsync(held[0]);
        await tool.ReachAsync(held[1]);

        tool.Signal(PosixSignal.SIGTERM);
        ToolRun run = await tool.EndAsync();
        await rig.Server.WhenSettledAsync();

        Assert.That(run.ExitCode, Is.EqualTo(143), run.Error);
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(2));
        Assert.That(run.ErrorLines.Count(line => line.Contains("'bitsclient resume ", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task Uploads_that_ended_early_are_continued_by_one_command_for_all()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("a.bin");
        await rig.LeaveAsync("b.bin");

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.PathOf("a.bin"), rig.PathOf("b.bin"), rig.Url(""), "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2), "no session was replaced");
        await rig.AssertArrivedAsync("a.bin");
        await rig.AssertArrivedAsync("b.bin");
    }

    [Test]
    public async Task After_a_second_signal_there_is_a_line_for_each_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string[] files = [.. Enumerable.Range(1, 5).Select(number => rig.File($"{number}.bin", 3000))];
        BitsGate fragment = rig.Server.HoldAck(BitsPacketNames.Fragment);
        BitsGate cancel = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        string[] options = ["--parallel", "1", "--json", "--fragment-size", "1K"];
        await using ToolInProcess tool = ToolInProcess.Start(["upload", .. files, rig.Url(""), .. options]);
        await tool.ReachAsync(fragment);
        tool.Signal(PosixSignal.SIGINT);
        await tool.ReachAsync(cancel);

        tool.Signal(PosixSignal.SIGINT);

        cancel.Release();
        fragment.Release();
        ToolRun run = await tool.EndAsync();
        IEnumerable<string?> outcomes =
            run.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("outcome").GetString());
        Assert.That(outcomes.Order(), Is.EqualTo(Enumerable.Repeat("notStarted", 4).Append("unconfirmed")));
    }

    [Test]
    public async Task A_quiet_command_still_writes_the_error_of_each_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.PathOf("none.bin"), rig.Url(""), "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith($"bitsclient: {rig.PathOf("none.bin")}: "));
    }

    [Test]
    public async Task The_upload_that_retries_is_named()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        // With a delay of its own, because a random one may be shorter than the time between two reports, and is not reported then.
        rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(503) { Headers = [new("Retry-After", "1")] });

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.File("b.bin", 10), rig.Url(""));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            run.ErrorLines, Has.Exactly(1).Match(@"/[ab]\.bin:   0%, retrying in 0:\d\d \(attempt 2\): 503 Service Unavailable$"));
    }

    [Test]
    public async Task Stdin_cannot_be_resumed()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", "-", rig.Url("a.bin"), "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(
            run.ErrorLines, Is.EqualTo((string[])["bitsclient: What is read from stdin cannot be resumed. Use --state with files."]));
    }

    [Test]
    public async Task No_files_are_no_failure_but_are_told()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.Folder("empty"), rig.Url(""), "--recurse");

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, "")));
        Assert.That(run.ErrorLines, Is.EqualTo((string[])["bitsclient: There are no files to upload."]));
    }

    [Test]
    public async Task A_list_that_does_not_exist_is_wrong_usage()
    {
        ToolRun run = await ToolInProcess.RunAsync("upload", "http://127.0.0.1:9/", "--files-from", "none.txt");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.StartWith("bitsclient: --files-from cannot be read. "));
    }

    [Test]
    public async Task Files_can_come_from_a_list()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string list = rig.PathOf("list.txt");
        await File.WriteAllTextAsync(list, $"{rig.File("a.bin", 10)}\r\n\n{rig.File("b c.bin", 20)}\n");

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("c.bin", 30), rig.Url(""), "--files-from", list);
        ToolRun alone = await ToolInProcess.RunAsync("upload", rig.Url("x/"), "--files-from", list);

        Assert.That((run.ExitCode, alone.ExitCode), Is.EqualTo((0, 0)), run.Error + alone.Error);
        Assert.That(run.OutputLines[^1], Does.StartWith("Uploaded 3 of 3 files, 60 bytes, in "));
        Assert.That(alone.OutputLines[^1], Does.StartWith("Uploaded 2 of 2 files, 30 bytes, in "));
        Assert.That(rig.Server.HasFile("/b%20c.bin") || rig.Server.HasFile("/b c.bin"), Is.True);
    }

    [Test]
    public async Task A_reply_is_for_a_single_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", "a.bin", "b.bin", rig.Url(""), "--reply", rig.PathOf("reply"));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(
            run.ErrorLines, Is.EqualTo((string[])["bitsclient: --reply is for a single upload: the replies would replace each other."]));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [TestCase("http://127.0.0.1:9/a.bin")]
    [TestCase("a.bin")]
    public async Task A_file_and_a_url_are_required(string only)
    {
        ToolRun run = await ToolInProcess.RunAsync("upload", only);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.EndWith($"See 'bitsclient upload --help'.{Environment.NewLine}"));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("1001")]
    [TestCase("many")]
    public async Task The_number_of_parallel_uploads_is_from_1_to_1000(string number)
    {
        ToolRun run = await ToolInProcess.RunAsync("upload", "a.bin", "http://127.0.0.1:9/", "--parallel", number);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("--parallel must be a number from 1 to 1000"));
    }
}
