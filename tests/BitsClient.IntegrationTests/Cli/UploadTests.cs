#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class UploadTests(ToolBuild build) : ToolTest(build)
{
    [Test]
    public async Task A_file_arrives_byte_for_byte()
    {
        string file = Rig.File("report.zip", 300_001);

        ToolRun run = await RunAsync("upload", file, Rig.Url("in/report.zip"), "--fragment-size", "100K");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Rig.Server.GetFile("/in/report.zip"), Is.EqualTo(await File.ReadAllBytesAsync(file)));
        Assert.That(run.OutputLines, Has.Length.EqualTo(1));
        Assert.That(run.Output, Does.Contain(file).And.Contain(Rig.Url("in/report.zip")).And.Contain("300001 bytes in 3 fragments"));
        Assert.That(run.ErrorLines[^1], Does.StartWith("100%"), "progress is written to stderr as plain lines");
        Rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_retry_is_reported_with_its_reason_and_its_number()
    {
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new("Retry-After", "1")] });

        // A random delay may be shorter than the time between two reports, and is not reported then; of two in a row, one is not.
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 2);
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 3);

        ToolRun run = await RunAsync("upload", Rig.File("a.bin", 10), Rig.Url("a.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);

        // 99% if a report was made while the bytes were in flight: within a session, the part that is done does not decrease.
        Assert.That(run.ErrorLines, Has.One.Match(@"^( 99|  0)%, retrying in 0:0\d \(attempt 2\): 503 Service Unavailable$"));
        Assert.That(run.ErrorLines, Has.Some.Match(@"^( 99|  0)%, retrying in 0:0\d \(attempt [34]\): .*(reset|closed|ended|forcibly)"));
    }

    [Test]
    public async Task Ping_checks_whether_a_server_answers()
    {
        ToolRun run = await RunAsync("ping", Rig.Url("a.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Rig.Server.Dialogue.Select(exchange => exchange.PacketType), Is.EqualTo((string[])[BitsPacketNames.Ping]));
    }
}
#endif
