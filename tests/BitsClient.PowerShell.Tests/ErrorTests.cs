using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

internal sealed class ErrorTests : PowerShellTest
{
    [Test]
    public async Task Each_error_has_an_id_a_category_and_a_target_and_the_other_files_are_uploaded()
    {
        Rig.File("good.bin", 100);
        Rig.File("refused.bin", 100);
        Rig.File("empty.bin", 0);
        Rig.File("part1.bin", 0);
        Rig.File("part2.bin", 100);
        Rig.Folder("folder");
        Rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403));

        string[] lines = await RunAsync(
            """
            Send-BitsFile refused.bin, missing.bin, empty.bin, folder, *.none, part*.bin, good.bin "${url}in/" -ErrorVariable errors 2>$null
            Send-BitsFile good.bin http://127.0.0.1:1/a -RetryInterval 1 -RetryTimeout 1 -ErrorVariable +errors 2>$null
            Send-BitsFile good.bin relative -ErrorVariable +errors 2>$null
            'good.bin', 'refused.bin' | Send-BitsFile -Destination "${url}same.bin" -ErrorVariable +errors 2>$null
            [guid]::Empty | Resume-BitsUpload -ErrorVariable +errors 2>$null
            foreach ($e in $errors) {
                "$($e.FullyQualifiedErrorId.Split(',')[0]) $($e.CategoryInfo.Category) $(Split-Path $e.TargetObject -Leaf)"
            }
            """);

        Assert.That(
            lines,
            Is.EqualTo(
            [
                "FileNotFound ObjectNotFound *.none",
                "Server InvalidResult refused.bin",
                "FileNotFound ObjectNotFound missing.bin",
                "InvalidArgument InvalidArgument empty.bin",
                "InvalidArgument InvalidArgument folder",
                "InvalidArgument InvalidArgument part1.bin",
                "NoProgress OperationTimeout good.bin",
                "InvalidArgument InvalidArgument good.bin",
                "DestinationInUse InvalidArgument refused.bin",
                "UploadNotFound ObjectNotFound 00000000-0000-0000-0000-000000000000",
            ]));
        Assert.That(Rig.Server.HasFile("/in/part2.bin") && Rig.Server.HasFile("/in/good.bin"), Is.True);
        Assert.That(Rig.Server.GetFile("/same.bin"), Is.EqualTo(await File.ReadAllBytesAsync(Rig.PathOf("good.bin"))));
    }

    [Test]
    public async Task A_failed_upload_that_is_saved_says_how_to_continue_or_cancel_it_also_in_a_folder_of_its_own()
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);

        string[] lines = await RunAsync(
            """
            $PSDefaultParameterValues = @{ '*-Bits*:FragmentSize' = 1024 }
            try { Send-BitsFile a.bin $url -StatePath "it's here" -ErrorAction Stop } catch { $failed = $_ }
            $failed.ErrorDetails.Message
            $resume, $cancel = $failed.ErrorDetails.Message -split "`n" -match '^To ' -replace '^To .* it: '
            Set-Location /
            Invoke-Expression "$resume -ErrorVariable again 2>`$null"
            ($again.ErrorDetails.Message -split "`n")[2] -eq "To cancel it: $cancel"
            Invoke-Expression $cancel
            """);

        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines[0], Does.Contain("403"));
        Assert.That(lines[1], Does.Match("^To resume it: Resume-BitsUpload [0-9a-f-]{36} -StatePath '.*it''s here'$"));
        Assert.That(lines[2], Does.Match("^To cancel it: Stop-BitsUpload [0-9a-f-]{36} -StatePath '.*it''s here'$"));
        Assert.That(lines[3], Is.EqualTo("True"));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task Parameters_that_make_no_sense_are_refused_before_anything_is_sent()
    {
        Rig.File("a.bin", 100);
        string[] lines = await RunAsync(
            """
            $user = [pscredential]::new('me', (ConvertTo-SecureString 'pass' -AsPlainText -Force))
            function Refused([scriptblock] $script) {
                try { & $script } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $_" }
            }
            Refused { Send-BitsFile a.bin $url -CustomHeaders 'no colon' }
            Refused { Send-BitsFile a.bin $url -ProxyUsage Override }
            Refused { Send-BitsFile a.bin $url -ProxyUsage NoProxy -ProxyList http://127.0.0.1:1 }
            Refused { Send-BitsFile a.bin $url -UseDefaultCredentials -Authentication Basic }
            Refused { Send-BitsFile a.bin relative -Credential $user -ErrorAction Stop }
            Refused { Send-BitsFile Q:\a.bin $url -ErrorAction Stop }
            Refused { Test-BitsServer $url -CustomHeaders 'Content-Type: x' -ErrorAction Stop }
            foreach ($name in 'CustomHeaders', 'TrustedOrigin', 'ProxyBypass') {
                $parameters = @{ $name = $null }
                Refused { Send-BitsFile a.bin $url @parameters } | ForEach-Object { $_.Split(' ')[0] }
            }
            Refused { Send-BitsFile a.bin $url -RetryInterval 0 } | ForEach-Object { $_.Split(' ')[0] }
            """);
        string[] expected =
        [
            "InvalidArgument 'no colon' is not a header: specify it as \"Name: Value\".",
            "InvalidArgument -ProxyUsage Override and -ProxyList belong together.",
            "InvalidArgument -ProxyUsage Override and -ProxyList belong together.",
            "InvalidArgument -Authentication Basic needs a password: specify -Credential instead of -UseDefaultCredentials.",
            "InvalidArgument 'relative' is not an absolute URL.",
            "FileNotFound Cannot find drive. A drive with the name 'Q' does not exist.",
            "InvalidArgument 'Content-Type' is not the name of a request header.",
            .. Enumerable.Repeat("ParameterArgumentValidationError", 4),
        ];
        Assert.That(lines, Is.EqualTo(expected));
        Assert.That(Rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task Secrets_of_the_URL_are_not_part_of_an_error()
    {
        Rig.File("a.bin", 100);
        Rig.File("b.bin", 100);
        string[] lines = await RunAsync(
            """
            Send-BitsFile a.bin, b.bin "$($url.Replace('//', '//me:secret@'))x?sig=secret" -ErrorVariable failed 2>$null
            "$failed"
            """);
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.Contain(Rig.Url("x")).And.Not.Contain("secret"));
    }

    [Test]
    public async Task What_is_saved_without_the_path_of_its_file_is_not_resumed()
    {
        Guid id = await Rig.SaveAsync("session", TimeSpan.Zero);
        string[] lines = await RunAsync(
            """
            Get-BitsUpload | Resume-BitsUpload -ErrorVariable failed 2>$null
            "$($failed.FullyQualifiedErrorId.Split(',')[0]) $failed"
            """);
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.StartWith($"FileNotFound What is saved of the upload {id} does not have the path of its file."));
    }

    // Break and continue end the pipeline with exceptions.
    [TestCase("break")]
    [TestCase("continue")]
    public async Task A_later_command_of_the_pipeline_can_end_it(string keyword)
    {
        Rig.File("a.bin", 100);
        Rig.File("b.bin", 100);
        string[] lines = await RunAsync(
            $$"""
            foreach ($i in 1) {
                Send-BitsFile a.bin, b.bin "${url}in/" -PassThru | ForEach-Object { "$($_.State)"; {{keyword}} }
            }
            """);
        Assert.That(lines, Is.EqualTo(["Acknowledged"]));
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession), Has.One.Items);
    }

    [Test]
    public async Task A_server_can_be_tested()
    {
        string[] lines = await RunAsync("Test-BitsServer $url -CustomHeaders 'X-Key: 1'; Test-BitsServer http://127.0.0.1:1/");
        Assert.That(lines[0], Is.EqualTo("True"));
        Assert.That(string.Concat(lines[1..^1]), Does.StartWith("WARNING: ").And.Contain("no answer"));
        Assert.That(lines[^1], Is.EqualTo("False"));
        Assert.That(Rig.Packets(BitsPacketNames.Ping).Single().RequestHeader("X-Key"), Is.EqualTo("1"));
        Assert.That(Rig.Server.Sessions, Is.Empty);
    }
}
