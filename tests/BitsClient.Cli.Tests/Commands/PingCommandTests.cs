using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The whole 'ping' command.</summary>
public sealed class PingCommandTests
{
    [Test]
    public async Task Ping_sends_headers_and_writes_a_trace()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("ping", rig.Url("a.bin"), "--header", "X-One: 1", "--trace");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Dialogue.Single().RequestHeader("X-One"), Is.EqualTo("1"));
        Assert.That(run.Error, Does.Contain("BITS-Packet-Type: Ping"));
    }

    [Test]
    public async Task Ping_fails_if_no_server_listens()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("ping", "http://127.0.0.1:1/a.bin");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain("http://127.0.0.1:1/a.bin"));
    }
}
