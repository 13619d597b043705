using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>'upload --state' continues an unfinished upload of the same file, and 'resume --all' resumes all of them.</summary>
public sealed class ContinueTests
{
    [Test]
    public async Task The_same_command_continues_the_upload_and_says_so()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");

        ToolRun run = await UploadAsync(rig);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain($"Continuing the upload {id}: ").And.Contain("%"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(rig.StateFiles, Is.Empty);
        await rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task A_description_is_saved_and_listed()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("a.bin", "--description", "The report of May");
        ToolRun list = await ToolInProcess.RunAsync(["list", "--state", rig.State]);
        Assert.That(list.Output, Does.Contain("(The report of May)"));
        ToolRun json = await ToolInProcess.RunAsync(["list", "--state", rig.State, "--json"]);
        Assert.That(json.Output, Does.Match("\"description\": ?\"The report of May\""));
    }

    [Test]
    public async Task With_new_it_begins_a_new_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("a.bin");

        ToolRun run = await UploadAsync(rig, "--new");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Not.Contain("Continuing"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(rig.StateFiles, Has.Length.EqualTo(1), "the first upload can still be resumed");
    }

    [Test]
    public async Task A_changed_file_is_uploaded_anew_and_the_tool_says_so()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("a.bin");
        byte[] bytes = [.. await File.ReadAllBytesAsync(rig.PathOf("a.bin")), 1];
        await File.WriteAllBytesAsync(rig.PathOf("a.bin"), bytes);

        ToolRun run = await UploadAsync(rig);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("has changed").And.Contain("uploaded anew").And.Not.Contain("Continuing"));
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
        await rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task All_uploads_are_resumed_and_one_without_its_file_does_not_stop_the_others()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("lost.bin");
        await rig.LeaveAsync("a.bin");
        await rig.LeaveAsync("b.bin");
        File.Delete(rig.PathOf("lost.bin"));

        ToolRun run = await ToolInProcess.RunAsync("resume", "--all", "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("There is no file '").And.Contain("lost.bin"));
        Assert.That(run.OutputLines, Has.Length.EqualTo(3));
        Assert.That(run.OutputLines[^1], Does.StartWith("Uploaded 2 of 3 files, 8192 bytes, in ").And.EndsWith(" s, 1 failed"));
        Assert.That(rig.StateFiles, Has.Length.EqualTo(1));
        await ToolInProcess.RunAsync("cancel", "--all", "--state", rig.State);
        await rig.AssertArrivedAsync("a.bin");
        await rig.AssertArrivedAsync("b.bin");
    }

    [Test]
    public async Task Nothing_saved_is_no_failure()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        ToolRun run = await ToolInProcess.RunAsync("resume", "--all", "--state", rig.State);
        Assert.That((run.ExitCode, run.Error.Trim()), Is.EqualTo((0, $"bitsclient: There are no saved uploads in {rig.State}.")));
    }

    [TestCase("Specify either the ID of an upload or --all", "resume")]
    [TestCase("Specify either the ID of an upload or --all", "resume", "1", "--all")]
    [TestCase("--file requires the ID of an upload", "resume", "--all", "--file", "a.bin")]
    public async Task One_or_all(string message, params string[] command)
    {
        ToolRun run = await ToolInProcess.RunAsync([.. command, "--state", "folder"]);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain(message));
    }

    private static Task<ToolRun> UploadAsync(ToolRig rig, params string[] options) =>
        ToolInProcess.RunAsync(["upload", rig.PathOf("a.bin"), rig.Url("a.bin"), "--state", rig.State, .. options]);
}
