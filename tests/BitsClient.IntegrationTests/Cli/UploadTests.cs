#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class UploadTests : ToolTest
{
    [Test]
    public async Task A_file_arrives_byte_for_byte()
    {
        string file = File("report.zip", 300_001);

        ToolRun run = await RunAsync("upload", file, Url("in/report.zip"), "--fragment-size", "100K");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Server.GetFile("/in/report.zip"), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(file)));
        Assert.That(run.OutputLines, Has.Length.EqualTo(1));
        Assert.That(run.Output, Does.Contain(file).And.Contain(Url("in/report.zip")).And.Contain("300001 bytes in 3 fragments"));
        Assert.That(run.ErrorLines[^1], Does.StartWith("100%"), "progress goes to stderr as plain lines");
        Server.AssertNoViolations();
    }

    [Test]
    public async Task A_retry_is_reported_with_its_reason_and_its_number()
    {
        Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new("Retry-After", "1")] });
        Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 2);

        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.ErrorLines, Has.One.EqualTo("  0%, retrying (attempt 2): 503 Service Unavailable"));
        Assert.That(run.ErrorLines, Has.One.Match(@"^  0%, retrying \(attempt 3\): .*(reset|closed|ended|forcibly)"));
    }

    [Test]
    public async Task Ping_checks_whether_a_server_answers()
    {
        ToolRun run = await RunAsync("ping", Url("a.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Server.Dialogue.Select(exchange => exchange.PacketType), Is.EqualTo((string[])[BitsPacketNames.Ping]));
    }
}
#endif
