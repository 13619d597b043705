#if NET10_0_OR_GREATER
using System.Diagnostics;
using System.Text.Json;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
[NonParallelizable]
internal sealed class SignalTests(ToolBuild build) : ToolTest(build)
{
    private static readonly TimeSpan Immediately = TimeSpan.FromSeconds(2);

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    public async Task A_signal_during_an_upload_cancels_the_session(string signal, int exitCode)
    {
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess tool = Start("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K", "--json");
        await tool.ReachAsync(held);

        Stopwatch clock = Stopwatch.StartNew();
        await tool.SignalAsync(signal);
        ToolRun run = await tool.EndAsync();
        clock.Stop();

        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(clock.Elapsed, Is.LessThan(Immediately));
        BitsExchange cancel = Rig.Packets(BitsPacketNames.CancelSession).Single();
        Assert.That(cancel.RequestHeader("BITS-Session-Id"), Is.EqualTo(Rig.Server.Sessions.Single().Id));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.Server.HasFile("/a.bin"), Is.False);
        Assert.That(run.ErrorLines[^1], Does.StartWith("bitsclient: ").And.Contain("canceled"));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("outcome").GetString(), Is.EqualTo("sessionCanceled"));
        Assert.That(json.RootElement.TryGetProperty("transient", out _), Is.False);
    }

    /// <summary>When a terminal is closed, both the shell and the kernel send SIGHUP.</summary>
    [Test, Platform(Include = "Linux", Reason = "Other systems do not show whether a process ignores the signal.")]
    public async Task SIGHUP_cancels_the_session_even_if_it_arrives_twice()
    {
        BitsGate fragment = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        BitsGate cancel = Rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        ToolProcess tool = Start("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K");
        await tool.ReachAsync(fragment);
        Assume.That(tool.IgnoresHangUp(), Is.False, "under nohup, the tool continues");
        await tool.SignalAsync("HUP");
        await tool.ReachAsync(cancel);
        await tool.SignalAsync("HUP");
        cancel.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(129), run.Error);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test, Platform(Include = "Linux", Reason = "Other systems have no /dev/full.")]
    public async Task A_signal_cancels_the_session_even_if_stderr_cannot_be_written()
    {
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess tool = StartWithBrokenStderr("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K");
        await tool.ReachAsync(held);
        await tool.SignalAsync("TERM");
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(143), run.Output);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_waiting_cancel_is_reported_immediately()
    {
        BitsGate fragment = Rig.Server.HoldAck(BitsPacketNames.Fragment);
        BitsGate cancel = Rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        ToolProcess tool = Start("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K");
        await tool.ReachAsync(fragment);
        await tool.SignalAsync("INT");
        await tool.ReachAsync(cancel);

        string line = await tool.ErrorLineAsync("Canceling");
        cancel.Release();
        ToolRun run = await tool.EndAsync();

        Assert.That(line, Does.StartWith("bitsclient: ").And.Contain("second Ctrl-C"));
        Assert.That(run.ExitCode, Is.EqualTo(130), run.Error);
    }

    [Test, Platform(Include = "Linux", Reason = "script has different options on other systems.")]
    public async Task A_second_Ctrl_C_restores_the_cursor()
    {
        BitsGate fragment = Rig.Server.HoldAck(BitsPacketNames.Fragment);
        BitsGate cancel = Rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        ToolProcess tool = StartInTerminal("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K");
        await tool.ReachAsync(fragment);
        await tool.TypeAsync("\u0003");
        await tool.ReachAsync(cancel);
        await tool.TypeAsync("\u0003");
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(130));
        Assert.That(run.Output, Does.Contain("Canceling the session"));
        int hidden = run.Output.LastIndexOf("\u001b[?25l", StringComparison.Ordinal);
        Assert.That(hidden, Is.Not.Negative, "there is a bar");
        Assert.That(run.Output.IndexOf("\u001b[?25h", hidden, StringComparison.Ordinal), Is.Not.Negative, "the cursor is visible again");
    }

    [Test]
    public async Task A_second_signal_quits_immediately()
    {
        BitsGate fragment = Rig.Server.HoldAck(BitsPacketNames.Fragment);
        BitsGate cancel = Rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        ToolProcess tool = Start("upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K");
        await tool.ReachAsync(fragment);
        await tool.SignalAsync("INT");
        await tool.ReachAsync(cancel);

        Stopwatch clock = Stopwatch.StartNew();
        await tool.SignalAsync("INT");
        ToolRun run = await tool.EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(130));
        Assert.That(clock.Elapsed, Is.LessThan(Immediately));
    }
}
#endif
