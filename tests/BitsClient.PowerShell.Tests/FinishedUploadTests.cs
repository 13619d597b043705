using BitsClient.PowerShell.Tests.Support;

namespace BitsClient.PowerShell.Tests;

internal sealed class FinishedUploadTests : PowerShellTest
{
    [Test]
    public async Task An_upload_that_is_completed_is_resumed_without_an_error_but_not_suspended_canceled_or_forgotten()
    {
        Rig.File("a.bin", 4096);

        string[] lines = await RunAsync(
            """
            $upload = Send-BitsFile a.bin $url -Asynchronous
            Resume-BitsUpload $upload
            Resume-BitsUpload $upload
            $again = Resume-BitsUpload $upload -PassThru
            "$($again.State) $($again.PercentComplete) $($again.BytesPerSecond) $($again.EstimatedTimeRemaining)"
            Suspend-BitsUpload -JobId $upload -ErrorVariable errors 2>$null
            Stop-BitsUpload -BitsJob $upload -ErrorVariable +errors 2>$null
            Clear-BitsUpload $upload -ErrorVariable +errors 2>$null
            foreach ($e in $errors) { "$($e.FullyQualifiedErrorId.Split(',')[0]): $e" }
            """);

        Assert.That(lines[0], Is.EqualTo("Acknowledged 100 0 "));
        Assert.That(
            lines[1..], Has.Length.EqualTo(3).And.All.Match("^UploadDone: .* is already completed: the file is on the server. There is"));
    }

    [Test]
    public async Task Several_files_to_the_URL_of_one_are_refused_before_the_first_is_sent()
    {
        Rig.File("a.bin", 10);
        Rig.File("b.bin", 10);

        string[] lines = await RunAsync(
            """
            Send-BitsFile *.bin "${url}one" -ErrorVariable errors 2>$null
            $errors.FullyQualifiedErrorId.Split(',')[0]
            """);

        Assert.That(lines, Is.EqualTo((string[])["DestinationInUse"]));
        Assert.That(Rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task The_topic_about_the_module_maps_the_cmdlets_of_BitsTransfer()
    {
        string[] lines = await RunAsync("Get-Help about_BitsClient | Out-String -Stream");

        Assert.That(lines, Has.Some.Match(@"Complete-BitsTransfer\s+is not needed"));
    }
}
