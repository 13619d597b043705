using System.Text.RegularExpressions;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>docs/tool.md lists all commands and options of the help.</summary>
public sealed partial class HelpTests
{
    [TestCase("upload")]
    [TestCase("resume")]
    [TestCase("cancel")]
    [TestCase("list")]
    [TestCase("ping")]
    [TestCase("serve")]
    [TestCase("demo")]
    public async Task The_documentation_lists_every_option(string command)
    {
        ToolRun run = await ToolInProcess.RunAsync(command, "--help");

        string text = await File.ReadAllTextAsync(Repository.PathOf("docs", "tool.md"));
        string[] options =
            [.. Option().Matches(run.Output).Select(match => match.Groups["option"].Value).Where(option => option != "--help")];
        Assert.That(options, Is.Not.Empty);
        Assert.That(text, Does.Contain($"`{command}"));
        Assert.That(options.Where(option => !text.Contains($"`{option}", StringComparison.Ordinal)), Is.Empty);
    }

    [GeneratedRegex("^ +(?<option>--[a-z0-9-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Option();
}
