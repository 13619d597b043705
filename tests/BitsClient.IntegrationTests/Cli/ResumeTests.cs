#if NET10_0_OR_GREATER
using System.Text.Json;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class ResumeTests : StateTest
{
    [Test]
    public async Task SIGTERM_keeps_the_session_and_the_command_that_is_told_completes_the_upload()
    {
        ToolRun stopped = await StopInTheMiddleAsync("TERM", "a.bin");
        Assert.That(stopped.ExitCode, Is.EqualTo(143), stopped.Error);
        Assert.That(Packets(BitsPacketTypes.CancelSession), Is.Empty);
        Assert.That(Server.OpenSessions, Is.EqualTo(1));
        Assert.That(StateFiles, Has.Length.EqualTo(1));
        int before = Server.Dialogue.Count;

        ToolRun run = await RunAsync([.. CommandIn(stopped.ErrorLines[^1], "resume"), "--fragment-size", "1K"]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Server.Dialogue[before].PacketType, Is.EqualTo(BitsPacketTypes.Ping));
        Assert.That(Packets(BitsPacketTypes.CreateSession).Count(), Is.EqualTo(1));
        Assert.That(Server.Dialogue.Skip(before).Sum(exchange => exchange.BodyBytes), Is.LessThanOrEqualTo(3 * 1024));
        await AssertArrivedAsync("a.bin");
        Server.AssertNoViolations();
    }

    [Test]
    public async Task Ctrl_C_cancels_the_session_all_the_same()
    {
        ToolRun run = await StopInTheMiddleAsync("INT", "a.bin", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(130), run.Error);
        Assert.That(Packets(BitsPacketTypes.CancelSession).Count(), Is.EqualTo(1));
        Assert.That(Server.OpenSessions, Is.Zero);
        Assert.That(StateFiles, Is.Empty);
        Assert.That(run.Error, Does.Not.Contain("resume"));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("sessionCanceled"));
    }

    [Test]
    public async Task A_failure_keeps_the_session_and_tells_both_ways_on()
    {
        Server.Inject(BitsPacketTypes.Fragment, new BitsFault.Answer(403), occurrence: 2);
        ToolRun failed = await RunAsync("upload", File("a.bin", 4096), Url("a.bin"), "--fragment-size", "1K", "--state", State);
        Assert.That(failed.ExitCode, Is.EqualTo(1));
        Assert.That(failed.ErrorLines[^1], Does.StartWith("bitsclient: ").And.Contain("403").And.Not.Contain("could not be cancelled"));
        Assert.That(CommandIn(failed.ErrorLines[^1], "cancel")[1], Is.EqualTo(CommandIn(failed.ErrorLines[^1], "resume")[1]));
        Assert.That(Packets(BitsPacketTypes.CancelSession), Is.Empty);

        ToolRun run = await RunAsync(CommandIn(failed.ErrorLines[^1], "resume"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        await AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task The_json_has_the_id_of_the_upload()
    {
        ToolRun stopped = await StopInTheMiddleAsync("TERM", "a.bin", "--json");
        Guid id = (await Store.ListAsync()).Single().State!.Id;
        ToolRun resumed = await RunAsync("resume", $"{id}", "--state", State, "--json");

        using JsonDocument first = JsonDocument.Parse(stopped.Output);
        using JsonDocument second = JsonDocument.Parse(resumed.Output);
        Assert.That(first.RootElement.GetProperty("id").GetGuid(), Is.EqualTo(id));
        Assert.That(first.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("sessionKept"));
        Assert.That(second.RootElement.GetProperty("id").GetGuid(), Is.EqualTo(id));
        Assert.That(second.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("completed"));
    }

    [Test]
    public async Task The_beginning_of_an_id_is_enough_unless_another_begins_so()
    {
        string id = await LeaveAsync("a.bin");
        BitsUploadState state = (await Store.LoadAsync(Guid.Parse(id)))!;
        await Store.SaveAsync(state with { Id = Guid.Parse($"{id[..8]}-0000-4000-8000-000000000000") });

        ToolRun ambiguous = await RunAsync("resume", id[..8], "--state", State);
        ToolRun none = await RunAsync("resume", "x", "--state", State, "--json");
        int before = Server.Dialogue.Count;
        ToolRun run = await RunAsync("resume", id[..13].ToUpperInvariant(), "--state", State);

        Assert.That(ambiguous.ExitCode, Is.EqualTo(1));
        Assert.That(ambiguous.Error, Does.Contain($"'{id[..8]}' may be any of 2 uploads"));
        Assert.That(none.ExitCode, Is.EqualTo(1));
        Assert.That(none.Error, Does.Contain("There is no upload 'x'"));
        Assert.That(none.Output, Does.Contain("\"outcome\":\"failed\""));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Server.Dialogue, Has.Count.GreaterThan(before));
    }

    [Test]
    public async Task A_file_that_was_moved_is_found_where_it_is_told_to_be()
    {
        string id = await LeaveAsync("a.bin");
        System.IO.File.Move(PathOf("a.bin"), PathOf("b.bin"));
        int before = Server.Dialogue.Count;

        ToolRun lost = await RunAsync("resume", id, "--state", State);
        int sent = Server.Dialogue.Count - before;
        ToolRun run = await RunAsync("resume", id, "--state", State, "--file", PathOf("b.bin"));

        Assert.That(lost.ExitCode, Is.EqualTo(1));
        Assert.That(lost.Error, Does.Contain(PathOf("a.bin")).And.Contain("--file"));
        Assert.That(sent, Is.Zero);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Server.GetFile("/a.bin"), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(PathOf("b.bin"))));
    }

    [Test]
    public async Task A_state_that_cannot_be_saved_is_one_line_and_the_upload_goes_on()
    {
        BitsGate held = Server.HoldAck(BitsPacketTypes.CreateSession);
        ToolProcess tool = Start("upload", File("a.bin", 4096), Url("a.bin"), "--fragment-size", "1K", "--state", State);
        await tool.ReachAsync(held);
        Directory.Delete(State, recursive: true);
        await System.IO.File.WriteAllTextAsync(State, "A file where the folder was.");
        held.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.ErrorLines.Count(line => line.StartsWith("bitsclient: ", StringComparison.Ordinal)), Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines, Has.One.Matches("could not be saved.*'?" + State));
    }
}
#endif
