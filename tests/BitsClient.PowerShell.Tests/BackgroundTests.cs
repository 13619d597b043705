using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

/// <summary>Asynchronous uploads that have failed, and those that another run has ended.</summary>
internal sealed class BackgroundTests : PowerShellTest
{
    // Positional objects, of which PowerShell passes only the id, and no default for -StatePath.
    private const string Functions =
        """
        $PSDefaultParameterValues = @{ '*-Bits*:FragmentSize' = 1024 }
        function Send-InBackground([string] $name) { Send-BitsFile $name $url -StatePath "$PWD/state" -Asynchronous }
        function Wait-ForError($upload) { while ($upload.State -ne 'Error') { Start-Sleep -Milliseconds 20 } }
        function Id-Of($errors) { foreach ($e in $errors) { $e.FullyQualifiedErrorId.Split(',')[0] } }

        """;

    [Test]
    public async Task An_upload_of_another_folder_is_canceled_resumed_and_forgotten_by_its_object()
    {
        string[] names = ["a.bin", "b.bin", "c.bin"];
        foreach (string name in names)
        {
            Rig.File(name, 4096);
        }

        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 6);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 9);
        string[] lines = await RunAsync(
            Functions +
            """
            $a, $b, $c = 'a.bin', 'b.bin', 'c.bin' | ForEach-Object { $upload = Send-InBackground $_; Wait-ForError $upload; $upload }
            (Get-BitsUpload -StatePath "$PWD/state/").Count
            (Get-BitsUpload -JobId $a).State
            Stop-BitsUpload $a
            "$($a.State)"
            Stop-BitsUpload $a -ErrorVariable done 2>$null
            Id-Of $done
            Resume-BitsUpload $b
            "$($b.State) $($b.PercentComplete)"
            Clear-BitsUpload $c 3>$null
            """);

        Assert.That(lines, Is.EqualTo(["3", "Error", "Canceled", "UploadDone", "Acknowledged 100"]));
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession), Has.One.Items);
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.Exactly(3).Items);
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1), "that of the forgotten one");
        Assert.That(Rig.Server.GetFile("/b.bin"), Is.EqualTo(await File.ReadAllBytesAsync(Rig.PathOf("b.bin"))));
        Assert.That(Rig.StateFiles, Is.Empty);
    }

    [TestCase("Stop-BitsUpload $a", "Canceled", 1)]
    [TestCase("Resume-BitsUpload $a", "Acknowledged", 0)]
    public async Task A_session_that_could_not_be_saved_is_used_nevertheless(string command, string state, int cancels)
    {
        Rig.File("a.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        Task<string[]> running = RunAsync(
            Functions +
            $$"""
            $a = Send-InBackground a.bin
            Wait-ForError $a
            $a.Warnings.Count
            Remove-Item state
            {{command}} 3>$null
            "$($a.State)"
            """);
        await Task.WhenAny(held.Reached, running);

        // Its folder is a file for a while.
        Directory.Delete(Rig.State, recursive: true);
        await File.WriteAllTextAsync(Rig.State, "");
        held.Release();

        Assert.That(await running, Is.EqualTo(["1", state]));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession), Has.Exactly(cancels).Items);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_failed_upload_that_is_sent_again_is_the_same_upload()
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);

        string[] lines = await RunAsync(
            Functions +
            """
            $a = Send-InBackground a.bin
            Wait-ForError $a
            Send-BitsFile a.bin $url -StatePath "$PWD/state"
            "$($a.State) $($a.PercentComplete) $($a.Error)"
            Get-BitsUpload -StatePath "$PWD/state/"
            Resume-BitsUpload $a
            """);

        Assert.That(lines, Is.EqualTo(["Acknowledged 100 "]));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
        await Rig.AssertArrivedAsync("a.bin");
    }

    [TestCase("Resume-BitsUpload")]
    [TestCase("Stop-BitsUpload")]
    public async Task A_failed_upload_that_another_process_has_completed_is_not_sent_again(string cmdlet)
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        string[] id = await RunAsync(Functions + "$a = Send-InBackground a.bin; Wait-ForError $a; \"$($a.Id)\"");
        string[] resumed = await RunAloneAsync("Get-BitsUpload | Resume-BitsUpload");

        string[] lines = await RunAsync(
            Functions +
            $$"""
            Get-BitsUpload -StatePath "$PWD/state"
            {{cmdlet}} {{id.Single()}} -ErrorVariable done 2>$null
            "$(Id-Of $done) $done"
            {{cmdlet}} {{id.Single()}} -ErrorVariable missing 2>$null
            Id-Of $missing
            """);

        Assert.That(resumed, Is.Empty);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.StartWith("UploadDone ").And.Contain("another run has completed, canceled or forgotten it"));
        Assert.That(lines[1], Is.EqualTo("UploadNotFound"));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession), Is.Empty);
    }

    [Test]
    public async Task An_upload_that_failed_before_it_had_a_session_is_resumed_by_its_object_and_by_each_of_its_ids()
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403), occurrence: 1);
        Rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403), occurrence: 2);

        string[] lines = await RunAsync(
            Functions +
            """
            $a = Send-InBackground a.bin
            $first = $a.Id
            Wait-ForError $a
            Resume-BitsUpload $a -ErrorVariable failed 2>$null
            "$(Id-Of $failed) $($a.State)"
            $same = Resume-BitsUpload $first -Asynchronous -MaxBytesPerSecond 1
            [object]::ReferenceEquals($a, $same)
            @(Get-BitsUpload -StatePath "$PWD/state").Id -eq $a.Id | ForEach-Object { 'listed once' }
            Stop-BitsUpload $first
            "$($a.State)"
            """);

        Assert.That(lines, Is.EqualTo(["Server Error", "True", "listed once", "Canceled"]));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_running_upload_is_not_begun_a_second_time_and_ignores_limits_with_a_warning()
    {
        Rig.File("a.bin", 4096);

        string[] lines = await RunAsync(
            Functions +
            """
            $a = Send-BitsFile a.bin $url -StatePath "$PWD/state" -Asynchronous -MaxBytesPerSecond 1
            while (-not (Test-Path state/*.json)) { Start-Sleep -Milliseconds 20 }
            Send-BitsFile a.bin $url -StatePath "$PWD/state" -Asynchronous -ErrorVariable locked 2>$null
            Id-Of $locked
            $null = Resume-BitsUpload $a -Asynchronous -MaxBytesPerSecond 1MB -RetryTimeout 10 -WarningVariable warnings 3>$null
            $warnings.Message -replace '.* has no', 'It has no'
            Stop-BitsUpload $a
            "$($a.State)"
            """);

        const string Warning = "It has no effect, because the upload is already running.";
        Assert.That(lines, Is.EqualTo(["UploadLocked", Warning, Warning, "Canceled"]));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
    }

    [Test]
    public async Task An_upload_that_is_being_saved_for_the_first_time_is_listed_without_an_error()
    {
        Rig.File("a.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.CreateSession);
        string[] id = await RunAsync("(Send-BitsFile a.bin $url -Asynchronous).Id.ToString()");
        await held.Reached;
        await File.WriteAllTextAsync(Path.Combine(Rig.State, $"{id.Single()}.x.tmp"), "");

        string[] lines = await RunAsync("Get-BitsUpload -ErrorVariable failed 2>$null | ForEach-Object { \"$($_.State)\" }; $failed.Count");
        held.Release();

        // Otherwise it would write into the folder while the test deletes it.
        await RunAsync("while (Test-Path state/*.lock) { Start-Sleep -Milliseconds 20 }");
        Assert.That(lines, Is.EqualTo(["Connecting", "0"]));
    }

    [TestCase("Suspend-BitsUpload", 200, "Acknowledged", "UploadDone")]
    [TestCase("Stop-BitsUpload", 200, "Acknowledged", "UploadDone")]
    [TestCase("Stop-BitsUpload", 403, "Error", "")]
    public async Task An_upload_that_ends_while_PowerShell_asks_is_not_suspended_and_its_session_is_canceled(
        string cmdlet, int status, string state, string error)
    {
        Rig.File("a.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        BitsGate asked = Rig.Server.HoldAck(BitsPacketNames.Ping);
        if (status != 200)
        {
            Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(status), occurrence: 3);
        }

        Task<string[]> running = RunAsync(
            Functions + AskingHost.Script +
            $$"""
            $a = Send-InBackground a.bin
            $shell = New-Shell "{{cmdlet}} $($a.Id) -Confirm" @{ Url = $url; Upload = $a; State = '{{state}}' }
            $null = $shell.Invoke()
            "$(Id-Of $shell.Streams.Error)"
            "$($a.State)"
            $shell.Runspace.Dispose()
            """);
        await Task.WhenAny(asked.Reached, running);
        held.Release();
        asked.Release();

        Assert.That(await running, Is.EqualTo(error.Length == 0 ? ["Canceled"] : new[] { error, state }));
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession).Count(), Is.EqualTo(status == 200 ? 0 : 1));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.StateFiles, Is.Empty);
    }

    [Test]
    public async Task Warnings_are_kept_and_are_written_once_by_the_cmdlet_that_waits()
    {
        Rig.File("a.bin", 4096);
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Task<string[]> running = RunAsync(
            Functions +
            """
            $a = Send-InBackground a.bin
            Resume-BitsUpload $a -WarningVariable written 3>$null
            "$($written.Count -gt 0) $($written.Count -eq $a.Warnings.Count) $($written[0].Message -eq $a.Warnings[0])"
            "$written"
            Resume-BitsUpload $a
            """);
        await Task.WhenAny(held.Reached, running);
        Directory.Delete(Rig.State, recursive: true);
        await File.WriteAllTextAsync(Rig.State, "");
        held.Release();

        string[] lines = await running;
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Is.EqualTo("True True True"));
        Assert.That(lines[1], Does.StartWith("The checkpoint of upload"));
    }

    [Test]
    public async Task A_file_that_has_changed_is_uploaded_anew_with_the_length_that_it_has_now()
    {
        await FailInTheMiddleAsync("a.bin");
        DateTimeOffset created = (await Rig.Store.ListAsync()).Single().Checkpoint!.CreatedAt;
        Rig.File("a.bin", 40960);

        string[] lines = await RunAsync(
            """
            $saved = Get-BitsUpload
            $a = Send-BitsFile a.bin $url -Asynchronous -WarningVariable warnings 3>$null
            "$($warnings -match 'uploaded anew' | ForEach-Object { 'warned' }) $($a.BytesTotal) $($a.Id -eq $saved.Id)"
            Resume-BitsUpload $a
            "$($a.BytesTotal) $($a.BytesTransferred) $($a.PercentComplete) $($a.Description) $($a.CreationTime -eq $saved.CreationTime)"
            $a.CreationTime.ToUniversalTime().ToString('o')
            """);

        string[] expected = ["warned 40960 True", "40960 40960 100  True", created.UtcDateTime.ToString("o")];
        Assert.That(lines, Is.EqualTo(expected));
        await Rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task A_continued_upload_has_the_description_of_its_beginning()
    {
        await KillInTheMiddleAsync("a.bin");
        string[] lines = await RunAsync("(Send-BitsFile a.bin $url -PassThru).Description");
        Assert.That(lines, Is.EqualTo(["Nightly"]));
    }

    [Test]
    public async Task A_warning_that_ends_the_cmdlet_while_the_job_is_created_leaves_no_open_file()
    {
        await FailInTheMiddleAsync("a.bin");
        Rig.File("a.bin", 5000);
        string[] lines = await RunAsync(
            """
            try { Send-BitsFile a.bin $url -WarningAction Stop } catch { "$_" -match 'has changed' }
            [IO.File]::OpenWrite("$PWD/a.bin").Dispose()
            """);
        Assert.That(lines[^1], Is.EqualTo("True"));
    }
}
