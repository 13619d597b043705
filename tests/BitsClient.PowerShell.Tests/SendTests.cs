using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

internal sealed class SendTests : PowerShellTest
{
    [Test]
    public async Task All_files_of_the_pipeline_are_uploaded_to_a_folder()
    {
        string[] names = ["a 1.log", "b[2].log", "c#3%20.log"];
        Array.ForEach(names, name => Rig.File(name, 3000));
        Rig.Folder("folder.log");

        string[] lines = await RunAsync("Get-ChildItem *.log -File | Send-BitsFile -Destination \"${url}in/\" -Verbose");

        foreach (string name in names)
        {
            byte[] arrived = Rig.Server.GetFile($"/in/{Uri.EscapeDataString(name)}");
            Assert.That(arrived, Is.EqualTo(await File.ReadAllBytesAsync(Rig.PathOf(name))), name);
        }

        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(Rig.StateFiles, Is.Empty);
        Assert.That(lines, Has.All.StartWith("VERBOSE: ").Or.All.StartWith(" "), "only packets are written");
        Assert.That(lines, Has.Some.Match("Create-Session http://.*/in/a%201.log -> 200"));
        Assert.That(lines, Has.Some.Match("Fragment bytes 1024-2047/3000 http://.* -> 200, 2048 bytes received"));
        Assert.That(lines.Where(line => line.Contains("VERBOSE: Close-Session")), Has.Exactly(3).Items);
    }

    [Test]
    public async Task Sources_can_be_wildcards_literal_paths_and_the_rows_of_a_table()
    {
        foreach (string name in (string[])["one.txt", "two.txt", "[x].bin", "[y].bin", "row1", "row2"])
        {
            Rig.File(name, 100);
        }

        Rig.Folder("three.txt");
        await File.WriteAllTextAsync(
            Rig.PathOf("rows.csv"), $"Source,Destination\nrow1,{Rig.Url("rows/first")}\nrow2,{Rig.Url("rows/second")}\n");

        string[] lines = await RunAsync(
            """
            Send-BitsFile *.txt "${url}wild/"
            Send-BitsFile -LiteralPath '[x].bin' -Destination "${url}literal.bin?sig=1"
            Send-BitsFile '`[y`].bin' "${url}escaped.bin"
            Import-Csv rows.csv | Send-BitsFile
            $upload = Send-BitsFile -Source row1 -Destination "${url}folder/?sig=2" -PassThru
            "$($upload.State) $($upload.JobState) $($upload.PercentComplete) $($upload.BytesTransferred) $($upload.Result.Fragments)"
            """);

        Assert.That(lines, Is.EqualTo(["Acknowledged Acknowledged 100 100 1"]));
        string[] expected =
        [
            "/wild/one.txt", "/wild/two.txt", "/literal.bin?sig=1", "/escaped.bin", "/rows/first", "/rows/second", "/folder/row1?sig=2",
        ];
        Assert.That(
            Rig.Packets(BitsPacketNames.CreateSession).Select(packet => packet.Url.PathAndQuery), Is.EquivalentTo(expected));
    }

    [Test]
    public async Task WhatIf_sends_nothing_and_says_what_would_be_done()
    {
        Rig.File("a.bin", 100);
        await FailInTheMiddleAsync("saved.bin");
        int before = Rig.Server.Dialogue.Count;

        string[] lines = await RunAsync(
            """
            $WhatIfPreference = $true
            Send-BitsFile a.bin "${url}a.bin?sig=secret"
            Send-BitsFile a.bin "${url}b.bin" -Asynchronous
            Get-BitsUpload | Resume-BitsUpload
            Get-BitsUpload | Stop-BitsUpload
            Get-BitsUpload | Clear-BitsUpload
            """);

        Assert.That(Rig.Server.Dialogue, Has.Count.EqualTo(before));
        Assert.That(Rig.StateFiles, Has.One.EndsWith(".json"));
        Assert.That(lines, Has.Length.EqualTo(5).And.All.StartWith("What if: "));
        Assert.That(lines[0], Does.Contain("\"Upload\"").And.Contain("a.bin -> http").And.Not.Contain("secret"));
        string[] operations = [.. lines.Select(line => line.Split('"')[1])];
        Assert.That(operations, Is.EqualTo(["Upload", "Upload", "Resume", "Cancel", "Forget"]));
    }

    [TestCase("Send-BitsFile a.bin $url -Confirm")]
    [TestCase("Get-BitsUpload | Resume-BitsUpload -Confirm")]
    [TestCase("Get-BitsUpload | Stop-BitsUpload -Confirm")]
    [TestCase("Get-BitsUpload | Clear-BitsUpload -Confirm")]
    public async Task Confirm_asks_before_anything_is_done(string command)
    {
        Rig.File("a.bin", 100);
        await FailInTheMiddleAsync("saved.bin");
        int before = Rig.Server.Dialogue.Count;

        string[] lines = await RunAsync($"{command} -ErrorVariable failed 2>$null; \"$failed\"");

        // The PowerShell of the tests cannot ask.
        Assert.That(lines, Has.One.Contains("NonInteractive"));
        Assert.That(Rig.Server.Dialogue, Has.Count.EqualTo(before));
        Assert.That(Rig.StateFiles, Has.One.EndsWith(".json"));
    }

    [Test]
    public async Task The_progress_is_written_and_completed_at_the_end()
    {
        Rig.File("a.bin", 4096);
        string[] lines = await RunAsync(
            """
            $shell = [powershell]::Create()
            $null = $shell.AddScript("Set-Location '$PWD'; Send-BitsFile a.bin $url -StatePath '$PWD/state' -FragmentSize 1024").Invoke()
            foreach ($record in $shell.Streams.Progress) {
                "$($record.Activity) $($record.PercentComplete) $($record.StatusDescription) $($record.RecordType)"
            }
            $shell.Dispose()
            """);
        Assert.That(lines, Has.Some.EqualTo("Uploading a.bin 100 4,096 of 4,096 bytes Processing"));
        Assert.That(lines[^1], Does.StartWith("Uploading a.bin").And.EndsWith("Completed"));
    }

    [Test]
    public async Task The_user_who_runs_PowerShell_is_not_offered_to_a_server_that_wants_a_password()
    {
        Rig.File("a.bin", 100);
        Rig.Server.Inject(
            BitsPacketNames.CreateSession,
            new BitsFault.Answer(401) { Ack = false, Headers = [new BitsHeader("WWW-Authenticate", "Basic realm=\"x\"")] });

        string[] lines = await RunAsync(
            """
            Send-BitsFile a.bin $url -UseDefaultCredentials -ErrorVariable failed 2>$null
            $failed.FullyQualifiedErrorId.Split(',')[0]
            Send-BitsFile a.bin $url -UseDefaultCredentials
            """);

        Assert.That(lines, Is.EqualTo(["Server"]));
        Assert.That(Rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("Authorization")), Is.All.Null);
        await Rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task With_Digest_no_fragment_is_sent_twice()
    {
        Rig.File("a.bin", 8000);
        BitsFault asks = new BitsFault.Answer(401)
        {
            Ack = false,
            Headers = [new BitsHeader("WWW-Authenticate", "Digest realm=\"x\", nonce=\"1\", qop=\"auth\"")],
        };
        Rig.Server.Inject(BitsPacketNames.Fragment, asks, occurrence: 1);
        Rig.Server.Inject(BitsPacketNames.Fragment, asks, occurrence: 3);

        string[] lines = await RunAsync(
            """
            $user = [pscredential]::new('me', (ConvertTo-SecureString 'pass' -AsPlainText -Force))
            $upload = Send-BitsFile a.bin $url -Credential $user -Authentication Digest -FragmentSize 4000 -PassThru
            $upload.Result.BytesResent
            """);

        Assert.That(lines, Is.EqualTo(["0"]));
        Assert.That(Rig.Packets(BitsPacketNames.Fragment).First().RequestHeader("Expect"), Is.EqualTo("100-continue"));
        await Rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task Headers_and_credentials_are_sent_with_every_packet()
    {
        Rig.File("a.bin", 100);
        Rig.Server.InjectEvery(
            BitsPacketNames.CreateSession,
            new BitsFault.Answer(401) { Ack = false, Headers = [new BitsHeader("WWW-Authenticate", "Basic realm=\"x\"")] },
            () => Rig.Server.Dialogue.All(exchange => exchange.RequestHeader("Authorization") is null)
                && !Rig.Server.Dialogue.Any(exchange => exchange.Status == 401));

        string[] lines = await RunAsync(
            """
            $user = [pscredential]::new('me', (ConvertTo-SecureString 'pass' -AsPlainText -Force))
            Send-BitsFile a.bin $url -Credential $user -Authentication Basic -CustomHeaders 'X-One: 1', 'X-Two: b: c'
            Send-BitsFile a.bin "${url}b.bin" -OverrideVerb
            """);

        Assert.That(lines, Is.Empty);
        BitsExchange close = Rig.Packets(BitsPacketNames.CloseSession).First();
        Assert.That(close.RequestHeader("Authorization"), Is.EqualTo("Basic bWU6cGFzcw=="));
        Assert.That(close.RequestHeader("X-One"), Is.EqualTo("1"));
        Assert.That(close.RequestHeader("X-Two"), Is.EqualTo("b: c"));
        Assert.That(Rig.Packets(BitsPacketNames.CloseSession).Last().Method, Is.EqualTo("POST"));
    }

    [Test]
    public async Task Unfinished_uploads_are_saved_in_a_folder_of_the_user_by_default()
    {
        Rig.File("a.bin", 4096);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        string[] lines = await RunAsync(
            """
            $PSDefaultParameterValues = @{ '*-Bits*:FragmentSize' = 1024 }
            Send-BitsFile a.bin $url -ErrorVariable failed 2>$null
            $saved = Get-BitsUpload
            $saved.StatePath
            Test-Path (Join-Path $saved.StatePath "$($saved.Id).json")
            $failed.ErrorDetails.Message.Contains('-StatePath')
            $saved | Stop-BitsUpload
            Get-BitsUpload
            """);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[0], Does.EndWith(Path.Combine("BitsClient", "Uploads")));
        Assert.That(lines[1..], Is.EqualTo(["True", "False"]));
    }
}
