#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using System.Text.Json;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class ReplyTests : ToolTest
{
    private readonly byte[] _reply = RandomNumberGenerator.GetBytes(3000);

    protected override BitsTestServerOptions ServerOptions => new() { Reply = _ => _reply };

    [Test]
    public async Task The_reply_is_saved()
    {
        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"), "--reply", PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(await System.IO.File.ReadAllBytesAsync(PathOf("reply.bin")), Is.EqualTo(_reply));
        Assert.That(run.Output, Does.Contain($"reply of 3000 bytes in '{PathOf("reply.bin")}'"));
    }

    [Test]
    public async Task Its_download_is_shown()
    {
        BitsGate fragment = Server.HoldAck(BitsPacketTypes.Fragment);
        BitsGate held = Server.HoldAck(BitsPacketTypes.ReplyDownload);
        ToolProcess tool = Start("upload", File("a.bin", 10), Url("a.bin"), "--reply", PathOf("reply.bin"));

        await tool.ErrorLineAsync("%");
        fragment.Release();
        string line = await tool.ErrorLineAsync("reply");
        held.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(line, Is.EqualTo("reply: 0 B"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }

    [Test]
    public async Task Json_tells_where_it_is()
    {
        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"), "--reply", PathOf("reply.bin"), "--json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement reply = json.RootElement.GetProperty("reply");
        Uri fetched = Server.Dialogue.Single(exchange => exchange.Method == "GET").Url;
        Assert.That(reply.GetProperty("url").GetString(), Is.EqualTo(fetched.AbsoluteUri));
        Assert.That(reply.GetProperty("path").GetString(), Is.EqualTo(PathOf("reply.bin")));
        Assert.That(reply.GetProperty("length").GetInt64(), Is.EqualTo(3000));
    }

    [Test]
    public async Task None_is_fetched_unasked()
    {
        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"), "--json");

        Assert.That(Server.Dialogue.Select(exchange => exchange.Method), Is.All.EqualTo("BITS_POST"));
        Assert.That(run.Output, Does.Not.Contain("reply"));
    }

    [Test]
    public async Task A_served_file_comes_as_the_reply()
    {
        ToolProcess serve = Start("serve", Directory.CreateDirectory(PathOf("served")).FullName, "--reply", File("answer.bin", 500));
        Uri root = new((await serve.ReadLineAsync())!);

        ToolRun run = await RunAsync("upload", File("a.bin", 10), new Uri(root, "a.bin").AbsoluteUri, "--reply", PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            await System.IO.File.ReadAllBytesAsync(PathOf("reply.bin")), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(PathOf("answer.bin"))));
    }

    [TestCase("")]
    [TestCase("FOLDER")]
    [TestCase("FILE")]
    [TestCase("NOWHERE")]
    public async Task A_place_that_cannot_take_it_is_refused_before_anything_is_sent(string place)
    {
        string file = File("a.bin", 10);
        string path = place switch
        {
            "FOLDER" => Directory.CreateDirectory(PathOf("folder")).FullName,
            "FILE" => file,
            "NOWHERE" => Path.Combine(PathOf("nowhere"), "reply.bin"),
            _ => place,
        };

        ToolRun run = await RunAsync("upload", file, Url("a.bin"), "--reply", path);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain("reply").And.Not.Contain("Parameter"));
        Assert.That(Server.Dialogue, Is.Empty);
    }
}
#endif
