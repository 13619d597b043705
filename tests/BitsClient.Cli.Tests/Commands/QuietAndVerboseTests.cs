using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>What is on stderr with --quiet and --verbose.</summary>
public sealed class QuietAndVerboseTests
{
    [Test]
    public async Task A_quiet_upload_writes_only_its_result()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--quiet", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("\"completed\""));
        Assert.That(run.Error, Is.Empty);
    }

    [Test]
    public async Task A_quiet_upload_that_fails_writes_only_the_error()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain("403"));
    }

    [TestCase("list")]
    [TestCase("resume", "--all")]
    [TestCase("cancel", "--all")]
    public async Task A_quiet_command_does_not_say_that_nothing_is_saved(params string[] arguments)
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun loud = await ToolInProcess.RunAsync([.. arguments, "--state", rig.State]);
        ToolRun quiet = await ToolInProcess.RunAsync([.. arguments, "--state", rig.State, "--quiet"]);

        Assert.That((quiet.ExitCode, quiet.Output, quiet.Error), Is.EqualTo((0, "", "")));
        Assert.That(loud.Error, Does.Contain("There are no saved uploads"));
    }

    [Test]
    public async Task A_verbose_upload_writes_a_line_for_each_packet()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string url = rig.Url("a.bin");

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 2048), url, "--fragment-size", "1K", "--verbose");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            run.ErrorLines.Where(line => line.Contains(" ms)", StringComparison.Ordinal)).Select(line => line.Split(" (")[0]),
            Is.EqualTo((string[])[
                $"Create-Session to {url}: 200 OK", $"Fragment 0-1023/2048 to {url}: 200 OK",
                $"Fragment 1024-2047/2048 to {url}: 200 OK", $"Close-Session to {url}: 200 OK"]));
    }
}
