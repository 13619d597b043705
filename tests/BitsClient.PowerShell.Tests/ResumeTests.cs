using BitsClient.IntegrationTests.Cli;
using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

internal sealed class ResumeTests : PowerShellTest
{
    [Test]
    public async Task An_upload_is_resumed_by_another_PowerShell_after_a_kill()
    {
        await KillInTheMiddleAsync("a.bin");

        string[] lines = await RunAsync(
            """
            $saved = Get-BitsUpload
            "$($saved.State) $(Split-Path $saved.Source -Leaf) $($saved.Destination) $($saved.BytesTotal) $($saved.Description)"
            $saved.BytesTransferred -ge 1024 -and $saved.PercentComplete -ge 25
            $resumed = $saved | Resume-BitsUpload -PassThru
            "$($resumed.State) $($resumed.Id -eq $saved.Id)"
            Get-BitsUpload
            """);

        Assert.That(lines, Is.EqualTo([$"Suspended a.bin {Rig.Url("a.bin")} 4096 Nightly", "True", "Acknowledged True"]));
        await Rig.AssertArrivedAsync("a.bin");
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items, "the same session");
    }

    [Test]
    public async Task An_asynchronous_upload_tells_its_state_and_is_suspended_resumed_and_stopped()
    {
        Rig.File("a.bin", 4096);
        Rig.File("b.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment);

        string[] suspended = await RunAsync(
            """
            $a = Send-BitsFile a.bin $url -Asynchronous
            while ($a.State -ne 'Transferring') { Start-Sleep -Milliseconds 20 }
            Suspend-BitsUpload $a
            "$($a.State) $((Get-BitsUpload).Id -eq $a.Id)"
            """);
        held.Release();
        string[] lines = await RunAsync(
            """
            $a = Get-BitsUpload
            Resume-BitsUpload $a -WarningVariable warnings 3>$null
            "$warnings" -eq "$($a.Warnings)" -and "$warnings" -match 'a fragment was in flight'
            "$($a.State) $($a.PercentComplete) $($a.Result.BytesTransferred) $($a.Error)"
            $b = Send-BitsFile b.bin $url -Asynchronous -MaxBytesPerSecond 1
            Suspend-BitsUpload $b.Id
            Resume-BitsUpload $b -Asynchronous | ForEach-Object { $_.Id -eq $b.Id }
            Clear-BitsUpload $b -ErrorVariable locked 2>$null
            $locked.FullyQualifiedErrorId.Split(',')[0]
            Stop-BitsUpload $b
            "$($b.State)"
            Get-BitsUpload
            Suspend-BitsUpload $b -ErrorVariable missing 2>$null
            $missing.FullyQualifiedErrorId.Split(',')[0]
            """);

        Assert.That(suspended, Is.EqualTo(["Suspended True"]));
        string[] expected = ["True", "Acknowledged 100 4096 ", "True", "UploadLocked", "Canceled", "UploadDone"];
        Assert.That(lines, Is.EqualTo(expected));
        await Rig.AssertArrivedAsync("a.bin");
        Assert.That(Rig.Server.HasFile("/b.bin"), Is.False);
    }

    [Test]
    public async Task An_asynchronous_upload_that_fails_keeps_its_error_and_can_be_resumed()
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403));
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);

        string[] lines = await RunAsync(
            """
            $a = Send-BitsFile a.bin $url -Asynchronous
            while ($a.State -ne 'Error') { Start-Sleep -Milliseconds 20 }
            $a.Error.Reason
            $b = Resume-BitsUpload $a -Asynchronous
            while ($b.State -ne 'Error') { Start-Sleep -Milliseconds 20 }
            "$($b.Error.StatusCode) $($b.BytesTransferred)"
            $b | Resume-BitsUpload -PassThru | ForEach-Object { "$($_.State)" }
            """);

        Assert.That(lines, Is.EqualTo(["Server", "Forbidden 1024", "Acknowledged"]));
        await Rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task An_upload_that_another_process_runs_is_not_resumed()
    {
        Rig.File("a.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess running = Start("Send-BitsFile a.bin $url");
        await running.ReachAsync(held);

        string[] lines = await RunAsync(
            "Get-BitsUpload | Resume-BitsUpload -ErrorVariable locked 2>$null; $locked.FullyQualifiedErrorId.Split(',')[0]");
        held.Release();
        await running.EndAsync();

        Assert.That(lines, Is.EqualTo(["UploadLocked"]));
        await Rig.AssertArrivedAsync("a.bin");
    }
}
