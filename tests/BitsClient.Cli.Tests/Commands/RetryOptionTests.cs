using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>How often and how long the tool tries, with --retries and --timeout.</summary>
public sealed class RetryOptionTests
{
    [Test]
    public async Task With_no_retries_the_first_transient_failure_ends_the_upload()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(503));

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--retries", "0");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("503"));
        Assert.That(rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task An_upload_ends_after_the_timeout_without_an_answer()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.CreateSession);

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--timeout", "1", "--retries", "0");

        held.Release();
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("1 second"));
    }

    [Test]
    public async Task A_ping_ends_after_the_timeout()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.Ping);

        ToolRun run = await ToolInProcess.RunAsync("ping", rig.Url("a.bin"), "--timeout", "1s");

        held.Release();
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("no answer within 1 second."));
    }

    [Test]
    public async Task A_cancel_ends_after_the_timeout()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        BitsGate held = rig.Server.HoldAck(BitsPacketNames.CancelSession);

        ToolRun run = await ToolInProcess.RunAsync("cancel", id, "--state", rig.State, "--timeout", "1s");

        held.Release();
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("the server did not confirm the cancel"));
    }
}
