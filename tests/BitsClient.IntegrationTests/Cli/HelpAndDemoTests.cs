#if NET10_0_OR_GREATER
using System.Text.RegularExpressions;
using BitsClient.Tests.Support;

namespace BitsClient.IntegrationTests.Cli;

internal sealed partial class HelpAndDemoTests : ToolTest
{
    [Test]
    public async Task Help_shows_an_example_and_every_command()
    {
        ToolRun run = await RunAsync("--help");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("bitsclient upload report.zip http://server/uploads/report.zip"));
        Assert.That(run.Output, Does.Contain("upload <FILE> <URL>").And.Contain("list").And.Contain("resume <ID>").And.Contain("cancel <ID>"));
        Assert.That(run.Output, Does.Contain("ping <URL>").And.Contain("serve <DIR>").And.Contain("demo"));
    }

    [TestCase("upload")]
    [TestCase("resume")]
    [TestCase("cancel")]
    [TestCase("list")]
    [TestCase("ping")]
    [TestCase("serve")]
    [TestCase("demo")]
    public async Task Every_option_is_told_in_the_document_of_the_tool(string command)
    {
        ToolRun run = await RunAsync(command, "--help");

        string text = await System.IO.File.ReadAllTextAsync(Repository.PathOf("docs", "tool.md"));
        string[] options = [.. Option().Matches(run.Output).Select(match => match.Groups["option"].Value).Where(option => option != "--help")];
        Assert.That(options, command == "demo" ? Is.Empty : Is.Not.Empty);
        Assert.That(text, Does.Contain($"`{command}"));
        Assert.That(options.Where(option => !text.Contains($"`{option}", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Version_is_printed()
    {
        ToolRun run = await RunAsync("--version");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Match(@"^\d+\.\d+\.\d+"));
    }

    [Test]
    public async Task Demo_shows_both_dialogues_and_finds_all_it_claims_true()
    {
        ToolRun run = await RunAsync("demo");

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(run.Output, Does.Contain("Close-Session").And.Contain("Cancel-Session").And.Contain("SessionCanceled"));
        Assert.That(run.Output, Does.Not.Contain("FAILED").And.Not.Contain('\u001b'));
        Assert.That(run.ErrorLines, Has.Some.StartsWith("100%"));
    }

    [GeneratedRegex("^ +(?<option>--[a-z0-9-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Option();
}
#endif
