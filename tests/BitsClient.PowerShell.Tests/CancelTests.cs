using BitsClient.IntegrationTests.Cli;
using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

internal sealed class CancelTests : PowerShellTest
{
    [TestCase("Send-BitsFile a.bin, b.bin $url")]
    [TestCase("Send-BitsFile a.bin $url -Asynchronous | Resume-BitsUpload")]
    [Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
    public async Task Ctrl_C_cancels_on_the_server(string command)
    {
        Rig.File("a.bin", 4096);
        Rig.File("b.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess process = Start(command);
        await process.ReachAsync(held);

        await process.SignalAsync("INT");
        ToolRun run = await process.EndAsync();

        Assert.That(run.OutputLines, Has.One.Match("^WARNING: Canceling the upload on the server: .*a.bin -> http"));
        Assert.That(run.Output, Does.Not.Contain("confirm"));
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession).Single().Status, Is.EqualTo(200));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items, "the second file is not begun");
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.Server.HasFile("/a.bin"), Is.False);
        Assert.That(Rig.StateFiles, Is.Empty);
    }

    [TestCase("Send-BitsFile a.bin $url")]
    [TestCase("Send-BitsFile a.bin $url -Asynchronous | Resume-BitsUpload")]
    [Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
    public async Task A_cancel_by_Ctrl_C_that_the_server_does_not_confirm_is_reported(string command)
    {
        Rig.File("a.bin", 4096);
        Rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess process = Start(command);
        await process.ReachAsync(held);

        await process.SignalAsync("INT");
        ToolRun run = await process.EndAsync();

        string id = (await Rig.Store.ListAsync()).Single().Checkpoint!.Id.ToString();
        Assert.That(
            run.OutputLines,
            Has.One.EndsWith($"the server did not confirm the cancel. To try again: Stop-BitsUpload {id} -StatePath '{Rig.State}'"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_warning_that_ends_the_cmdlet_cancels_on_the_server(bool isRefused)
    {
        if (isRefused)
        {
            Rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        }

        Rig.File("a.bin", 16384);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 8);
        Task<string[]> running = RunAsync("try { Send-BitsFile a.bin $url -WarningAction Stop } catch { \"Ended by: $_\" }");
        await Task.WhenAny(held.Reached, running);

        // Its folder is a file from now on, so that a checkpoint cannot be saved.
        Directory.Delete(Rig.State, recursive: true);
        await File.WriteAllTextAsync(Rig.State, "");
        held.Release();

        string[] lines = await running;
        Assert.That(lines, Has.Some.Match("^Ended by: .*checkpoint"));
        Assert.That(lines, isRefused ? Has.One.Contains("the session may still be open") : Has.None.Contains("still be open"));
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession), Has.One.Items);
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(isRefused ? 1 : 0));
    }

    [Test]
    public async Task Stop_BitsUpload_cancels_saved_uploads_on_the_server()
    {
        await FailInTheMiddleAsync("a.bin");
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1));

        string[] lines = await RunAsync("Get-BitsUpload | Stop-BitsUpload; Get-BitsUpload");

        Assert.That(lines, Is.Empty);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.StateFiles, Is.Empty);
    }

    [Test]
    public async Task A_cancel_that_the_server_does_not_confirm_is_an_error_and_the_upload_stays_saved()
    {
        await FailInTheMiddleAsync("a.bin");
        Rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        string[] lines = await RunAsync(
            """
            Get-BitsUpload | Stop-BitsUpload -ErrorVariable failed 2>$null
            $failed.FullyQualifiedErrorId.Split(',')[0]
            (Get-BitsUpload).State
            """);

        Assert.That(lines, Is.EqualTo(["CancelUnconfirmed", "Suspended"]));
    }

    [Test]
    public async Task Clear_BitsUpload_forgets_an_upload_and_sends_nothing()
    {
        await FailInTheMiddleAsync("a.bin");
        int before = Rig.Server.Dialogue.Count;

        string[] lines = await RunAsync("Get-BitsUpload | Clear-BitsUpload; Get-BitsUpload");

        Assert.That(string.Concat(lines), Does.StartWith("WARNING: ").And.Contain("until its session expires"));
        Assert.That(Rig.StateFiles, Is.Empty);
        Assert.That(Rig.Server.Dialogue, Has.Count.EqualTo(before));
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1));
    }
}
