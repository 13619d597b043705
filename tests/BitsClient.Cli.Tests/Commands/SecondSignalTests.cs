using System.Runtime.InteropServices;
using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>What a second signal leaves on stdout, just before it ends the process.</summary>
public sealed class SecondSignalTests
{
    [TestCase(PosixSignal.SIGINT, "unconfirmed", "Try again with 'bitsclient cancel")]
    [TestCase(PosixSignal.SIGTERM, "sessionKept", "Resume it with 'bitsclient resume")]
    public async Task The_JSON_is_written_once(PosixSignal first, string outcome, string advice)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate fragment = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        BitsGate cancel = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        await using ToolInProcess tool = ToolInProcess.Start(rig.UploadWithCheckpoints("a.bin", "--json"));
        await tool.ReachAsync(fragment);
        tool.Signal(first);
        if (first is PosixSignal.SIGINT)
        {
            await tool.ReachAsync(cancel);
        }

        tool.Signal(PosixSignal.SIGINT);

        Assert.That(tool.Output, Does.StartWith("{"), "the process ends when the signal was handled");
        cancel.Release();
        fragment.Release();
        ToolRun run = await tool.EndAsync();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo(outcome));
        Assert.That(json.RootElement.GetProperty("url").GetString(), Is.EqualTo(rig.Url("a.bin")));
        Assert.That(json.RootElement.GetProperty("session").GetString(), Is.EqualTo(rig.Server.Sessions[0].Id));
        Assert.That(json.RootElement.GetProperty("error").GetString(), Does.Contain(advice));
    }

    [Test]
    public async Task Without_JSON_nothing_is_written()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        BitsGate cancel = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        BitsGate fragment = rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        await using ToolInProcess tool = ToolInProcess.Start(rig.UploadWithCheckpoints("a.bin"));
        await tool.ReachAsync(fragment);
        tool.Signal(PosixSignal.SIGINT);
        await tool.ReachAsync(cancel);

        tool.Signal(PosixSignal.SIGINT);

        cancel.Release();
        Assert.That((await tool.EndAsync()).Output, Is.Empty);
    }
}
