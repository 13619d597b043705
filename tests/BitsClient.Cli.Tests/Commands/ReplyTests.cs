using System.Security.Cryptography;
using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The reply to an upload (upload-reply).</summary>
public sealed class ReplyTests
{
    private static readonly byte[] Reply = RandomNumberGenerator.GetBytes(3000);

    [Test]
    public async Task The_download_of_the_reply_is_shown()
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => Reply });
        BitsGate fragment = rig.Server.HoldAck(BitsPacketNames.Fragment);
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.ReplyDownload);
        await using ToolInProcess tool =
            ToolInProcess.Start("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--reply", rig.PathOf("reply.bin"));

        await tool.ErrorLineAsync("%");
        fragment.Release();
        string line = await tool.ErrorLineAsync("reply");
        held.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(line, Is.EqualTo("reply: 0 B"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }

    [Test]
    public async Task Json_contains_url_path_and_length_of_the_reply()
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => Reply });

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--reply", rig.PathOf("reply.bin"), "--json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement reply = json.RootElement.GetProperty("reply");
        Uri downloaded = rig.Server.Dialogue.Single(exchange => exchange.Method == "GET").Url;
        Assert.That(reply.GetProperty("url").GetString(), Is.EqualTo(downloaded.AbsoluteUri));
        Assert.That(reply.GetProperty("path").GetString(), Is.EqualTo(rig.PathOf("reply.bin")));
        Assert.That(reply.GetProperty("length").GetInt64(), Is.EqualTo(3000));
    }

    [Test]
    public async Task No_reply_is_downloaded_unless_requested()
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => Reply });

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--json");

        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.Method), Is.All.EqualTo("BITS_POST"));
        Assert.That(run.Output, Does.Not.Contain("reply"));
    }

    [TestCase("")]
    [TestCase("FOLDER")]
    [TestCase("FILE")]
    [TestCase("NOWHERE")]
    public async Task An_invalid_reply_path_is_refused_before_anything_is_sent(string place)
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => Reply });
        string file = rig.File("a.bin", 10);
        string path = place switch
        {
            "FOLDER" => rig.Folder("folder"),
            "FILE" => file,
            "NOWHERE" => Path.Combine(rig.PathOf("nowhere"), "reply.bin"),
            _ => place,
        };

        ToolRun run = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"), "--reply", path);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain("reply").And.Not.Contain("Parameter"));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_resumed_upload_saves_the_reply_to_the_original_path()
    {
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => Reply });
        string id = await rig.LeaveAsync("a.bin", "--reply", rig.PathOf("reply.bin"));

        ToolRun run = await ToolInProcess.RunAsync("resume", id, "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(await File.ReadAllBytesAsync(rig.PathOf("reply.bin")), Is.EqualTo(Reply));
        await rig.AssertArrivedAsync("a.bin");
    }
}
