using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The whole 'upload' command.</summary>
public sealed class UploadCommandTests
{
    [TestCase("1")]
    [TestCase("2147483647")]
    public async Task The_smallest_and_the_largest_fragment_size_work(string size)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string file = rig.File("a.bin", 3);

        ToolRun run = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"), "--fragment-size", size);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.GetFile("/a.bin"), Is.EqualTo(await File.ReadAllBytesAsync(file)));
    }

    [Test]
    public async Task One_byte_in_one_fragment_uses_the_singular()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 1), rig.Url("a.bin"));

        Assert.That(run.Output, Does.Contain(": 1 byte in 1 fragment, "));
    }

    [Test]
    public async Task Json_is_one_object_on_stdout()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 3000), rig.Url("a.bin"), "--fragment-size", "1024", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.EnumerateObject().Select(property => property.Name), Is.EqualTo(
            (string[])["id", "file", "url", "session", "bytes", "fragments", "retries", "resent", "outcome"]));
        Assert.That(json.RootElement.GetProperty("id").TryGetGuid(out _));
        Assert.That(json.RootElement.GetProperty("url").GetString(), Is.EqualTo(rig.Url("a.bin")));
        Assert.That(json.RootElement.GetProperty("session").GetString(), Is.EqualTo(rig.Server.Sessions[^1].Id));
        Assert.That(json.RootElement.GetProperty("bytes").GetInt64(), Is.EqualTo(3000));
        Assert.That(json.RootElement.GetProperty("fragments").GetInt32(), Is.EqualTo(3));
        Assert.That(json.RootElement.GetProperty("resent").GetInt64(), Is.Zero);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("completed"));
    }

    [Test]
    public async Task A_refusal_is_one_line_on_stderr_and_part_of_the_json()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string file = rig.File("a.bin", 10);
        await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"));

        ToolRun run = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain(rig.Url("a.bin")).And.Contain("409"));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("failed"));
        Assert.That(run.Error, Does.Contain(json.RootElement.GetProperty("error").GetString()));
        Assert.That(json.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(409));
        Assert.That(json.RootElement.GetProperty("transient").GetBoolean(), Is.False);
        Assert.That(json.RootElement.TryGetProperty("mayBeComplete", out _), Is.False);
    }

    [Test]
    public async Task The_json_of_a_failure_has_the_error_code_and_all_keys_of_a_success()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsFault.Answer busy = new(503) { ErrorCode = "0x80070020", Headers = [new("Retry-After", "1")] };
        rig.Server.InjectEvery(BitsPacketNames.Fragment, busy);

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.EnumerateObject().Select(property => property.Name), Is.EqualTo(
            (string[])
            [
                "id", "file", "url", "session", "bytes", "fragments", "retries", "resent", "outcome", "error", "status", "errorCode",
                "transient", "mayBeComplete",
            ]));
        Assert.That(json.RootElement.GetProperty("session").GetString(), Is.EqualTo(rig.Server.Sessions[^1].Id));
        Assert.That(json.RootElement.GetProperty("bytes").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.GetProperty("errorCode").GetString(), Is.EqualTo("0x80070020"));
        Assert.That(json.RootElement.GetProperty("transient").GetBoolean(), Is.True);
    }

    [Test]
    public async Task A_lost_ack_of_Close_Session_where_no_file_is_replaced_is_a_failure_whose_file_may_be_on_the_server()
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { AllowOverwrite = false });
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        string file = rig.File("a.bin", 10);

        ToolRun run = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines[^1], Does.Contain("0x80070050 ERROR_FILE_EXISTS").And.EndsWith("may already be on the server."));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(409));
        Assert.That(json.RootElement.GetProperty("mayBeComplete").GetBoolean(), Is.True);
        Assert.That(rig.Server.GetFile("/a.bin"), Is.EqualTo(await File.ReadAllBytesAsync(file)));
    }

    [Test]
    public async Task A_missing_file_is_reported_as_json()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.PathOf("none.bin"), rig.Url("a.bin"), "--json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("failed"));
        Assert.That(json.RootElement.GetProperty("session").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.TryGetProperty("status", out _), Is.False);
    }

    [Test]
    public async Task A_session_that_could_not_be_canceled_is_reported_in_a_separate_sentence()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        for (int i = 1; i <= 5; i++)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, BusyWithoutDelay(), i);
        }

        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody());
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"));

        Assert.That(run.ErrorLines[^1], Does.Match(@"there was no answer: .*[^.]\. The session could not be canceled either"));
    }

    [Test]
    public async Task The_remaining_time_is_shown()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        await using ToolInProcess tool = ToolInProcess.Start("upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--fragment-size", "1K");

        string line = await tool.ErrorLineAsync(" left");
        held.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(line, Does.Match(@"^ (25% 1|50% 2)\.0 KiB of 4\.0 KiB, [\d.]+ K?i?B/s, \d+:\d\d left$"));
        Assert.That(run.ErrorLines[^1], Does.StartWith("100%").And.Not.Contain("left"));
    }

    [Test]
    public async Task The_verb_can_be_overridden()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--override-verb");

        Assert.That(rig.Server.Dialogue, Is.Not.Empty);
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.Method), Is.All.EqualTo("POST"));
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-Http-Method-Override")), Is.All.EqualTo("BITS_POST"));
    }

    [TestCase("detect", 1)]
    [TestCase("resynchronize", 1)]
    [TestCase("new-session", 2)]
    public async Task The_resend_policy_says_whether_a_half_sent_fragment_leads_to_a_new_session(string policy, int sessions)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 2);

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--fragment-size", "1K", "--resend", policy);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(sessions));
        await rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task The_message_for_a_refused_verb_names_the_override_option()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(501));

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"));

        Assert.That(run.Error, Does.Contain("--override-verb"));
    }

    [Test]
    public async Task Headers_are_sent_with_every_packet()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--header", "X-One: 1", "--header", "X-Two:2");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-One")), Is.All.EqualTo("1"));
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-Two")), Is.All.EqualTo("2"));
    }

    [Test]
    public async Task Trace_shows_every_packet_and_masks_secrets()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 10), rig.Url("a.bin?sig=sesame"), "--trace", "--header", "Authorization: Bearer sesame");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.ErrorLines.Count(line => line == "> BITS_POST /a.bin?*** HTTP/1.1"), Is.EqualTo(3));
        Assert.That(run.ErrorLines.Count(line => line == "< HTTP/1.1 200 OK"), Is.EqualTo(3));
        Assert.That(run.ErrorLines, Has.One.EqualTo("> Content-Range: bytes 0-9/10").And.One.EqualTo("> [10 bytes]"));
        Assert.That(run.ErrorLines, Has.Exactly(3).EqualTo("> Authorization: ***"));
        Assert.That(run.Error + run.Output, Does.Not.Contain("sesame"));
        Assert.That(rig.Packets(BitsPacketNames.Fragment).Single().RequestHeader("Authorization"), Is.EqualTo("Bearer sesame"));
    }

    [Test]
    public async Task Trace_masks_query_and_user_info_of_a_URL_from_the_server()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsFault answer = new BitsFault.Answer(302) { Headers = [new("Location", "http://me:sesame@elsewhere/a.bin?sig=sesame")] };
        rig.Server.Inject(BitsPacketNames.CreateSession, answer);

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--trace");

        Assert.That(run.ErrorLines, Has.One.EqualTo("< Location: http://***@elsewhere/a.bin?***"));
        Assert.That(run.Error + run.Output, Does.Not.Contain("sesame"));
    }

    private static BitsFault.Answer BusyWithoutDelay() => new(503) { Headers = [new("Retry-After", "1")] };
}
