using System.Runtime.InteropServices;
using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The whole 'resume' command.</summary>
public sealed class ResumeCommandTests
{
    [Test]
    public async Task A_failure_keeps_the_session_and_shows_the_resume_and_cancel_commands()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        ToolRun failed = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--fragment-size", "1K", "--state", rig.State);
        Assert.That(failed.ExitCode, Is.EqualTo(1));
        Assert.That(failed.ErrorLines[^1], Does.StartWith("bitsclient: ").And.Contain("403").And.Not.Contain("could not be canceled"));
        Assert.That(
            ToolRun.CommandIn(failed.ErrorLines[^1], "cancel")[1], Is.EqualTo(ToolRun.CommandIn(failed.ErrorLines[^1], "resume")[1]));
        Assert.That(rig.Packets(BitsPacketNames.CancelSession), Is.Empty);

        ToolRun run = await ToolInProcess.RunAsync(ToolRun.CommandIn(failed.ErrorLines[^1], "resume"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        await rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task Json_contains_the_id_of_the_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun stopped = await rig.StopInTheMiddleAsync(PosixSignal.SIGTERM, "a.bin", "--json");
        Guid id = (await rig.Store.ListAsync()).Single().Checkpoint!.Id;
        ToolRun resumed = await ToolInProcess.RunAsync("resume", $"{id}", "--state", rig.State, "--json");

        using JsonDocument first = JsonDocument.Parse(stopped.Output);
        using JsonDocument second = JsonDocument.Parse(resumed.Output);
        Assert.That(first.RootElement.GetProperty("id").GetGuid(), Is.EqualTo(id));
        Assert.That(first.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("sessionKept"));
        Assert.That(second.RootElement.GetProperty("id").GetGuid(), Is.EqualTo(id));
        Assert.That(second.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("completed"));
    }

    [TestCase("resynchronize", 1)]
    [TestCase("new-session", 2)]
    public async Task The_resend_policy_is_specified_again(string policy, int sessions)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");

        ToolRun run = await ToolInProcess.RunAsync("resume", id, "--state", rig.State, "--resend", policy);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(sessions));
        await rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task A_prefix_of_an_id_is_sufficient_unless_it_is_ambiguous()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        BitsUploadCheckpoint state = (await rig.Store.LoadAsync(Guid.Parse(id)))!;
        await rig.Store.SaveAsync(state with { Id = Guid.Parse($"{id[..8]}-0000-4000-8000-000000000000") });

        ToolRun ambiguous = await ToolInProcess.RunAsync("resume", id[..8], "--state", rig.State);
        ToolRun none = await ToolInProcess.RunAsync("resume", "x", "--state", rig.State, "--json");
        int before = rig.Server.Dialogue.Count;
        ToolRun run = await ToolInProcess.RunAsync("resume", id[..13].ToUpperInvariant(), "--state", rig.State);

        Assert.That(ambiguous.ExitCode, Is.EqualTo(1));
        Assert.That(ambiguous.Error, Does.Contain($"'{id[..8]}' is ambiguous: it matches 2 uploads"));
        Assert.That(none.ExitCode, Is.EqualTo(1));
        Assert.That(none.Error, Does.Contain("There is no upload 'x'"));
        Assert.That(none.Output, Does.Contain("\"outcome\":\"failed\""));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Dialogue, Has.Count.GreaterThan(before));
    }

    [Test]
    public async Task A_moved_file_is_resumed_from_the_specified_path()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        File.Move(rig.PathOf("a.bin"), rig.PathOf("b.bin"));
        int before = rig.Server.Dialogue.Count;

        ToolRun lost = await ToolInProcess.RunAsync("resume", id, "--state", rig.State);
        int sent = rig.Server.Dialogue.Count - before;
        ToolRun run = await ToolInProcess.RunAsync("resume", id, "--state", rig.State, "--file", rig.PathOf("b.bin"));

        Assert.That(lost.ExitCode, Is.EqualTo(1));
        Assert.That(lost.Error, Does.Contain(rig.PathOf("a.bin")).And.Contain("--file"));
        Assert.That(sent, Is.Zero);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.GetFile("/a.bin"), Is.EqualTo(await File.ReadAllBytesAsync(rig.PathOf("b.bin"))));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_saved_is_reported_once_and_the_upload_continues()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using ToolInProcess tool = ToolInProcess.Start(
            "upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--fragment-size", "1K", "--state", rig.State);
        await tool.ReachAsync(held);
        Directory.Delete(rig.State, recursive: true);
        await File.WriteAllTextAsync(rig.State, "A file where the folder was.");
        held.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.ErrorLines.Count(line => line.StartsWith("bitsclient: ", StringComparison.Ordinal)), Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines, Has.One.Matches("could not be saved.*'?" + rig.State));
    }
}
