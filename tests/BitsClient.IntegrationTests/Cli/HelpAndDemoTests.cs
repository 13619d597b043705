#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

internal sealed class HelpAndDemoTests(ToolBuild build) : ToolTest(build)
{
    [Test]
    public async Task Help_shows_an_example_and_every_command()
    {
        ToolRun run = await RunAsync("--help");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("bitsclient upload report.zip http://server/uploads/report.zip"));
        Assert.That(
            run.Output,
            Does.Contain("upload <FILE>... <URL>").And.Contain("list").And.Contain("resume <ID>").And.Contain("cancel <ID>"));
        Assert.That(run.Output, Does.Contain("ping <URL>").And.Contain("serve <DIR>").And.Contain("demo"));
    }

    [Test]
    public async Task Version_is_printed()
    {
        ToolRun run = await RunAsync("--version");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Match(@"^\d+\.\d+\.\d+"));
    }

    [Test]
    public async Task Demo_shows_both_dialogues_and_all_its_checks_pass()
    {
        string temporary = Rig.Folder("temporary");

        ToolRun run = await StartWithTemporary(temporary, "demo").EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(run.Output, Does.Contain("Close-Session").And.Contain("Cancel-Session").And.Contain("SessionCanceled"));
        Assert.That(run.Output, Does.Not.Contain("FAILED").And.Not.Contain('\u001b'));
        Assert.That(run.ErrorLines, Has.Some.StartsWith("100%"));
        Assert.That(Directory.GetFileSystemEntries(temporary, "bitsclient*"), Is.Empty, "nothing is left behind");
    }
}
#endif
