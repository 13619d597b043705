using System.Text.RegularExpressions;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The help of each command, and that docs/tool.md lists all commands and options of it.</summary>
public sealed partial class HelpTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Test]
    public async Task The_documentation_lists_every_command_and_every_option()
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf("docs", "tool.md"));

        string[] commands = await CommandsAsync();

        Assert.That(commands, Is.EqualTo((string[])[
            "upload", "resume", "cancel", "list", "queue add", "queue list", "queue watch", "queue suspend", "queue resume", "queue cancel",
            "queue forget", "queue run", "ping", "serve", "demo", "completion", "man"]));
        Assert.That(commands.Where(command => !text.Contains($"`{command}", StringComparison.Ordinal)), Is.Empty);
        foreach (string command in commands)
        {
            string[] options = await OptionsAsync(command);
            Assert.That(options, Does.Contain("--help").And.Contain("--quiet"));
            Assert.That(options.Where(option => !IsListed(text, option, command)), Is.Empty, command);
        }
    }

    // A row of the table of options, whose second column has the command: `upload`, or `cancel --all`, or all.
    private static bool IsListed(string text, string option, string command) => Regex.IsMatch(
        text, $@"(?m)^\| `{Regex.Escape(option)}[ `].* \| (?:all|[^|]*`{Regex.Escape(command)}[ `][^|]*) \| ", RegexOptions.None, Limit);

    [Test]
    public async Task The_help_of_every_command_has_examples_and_exit_codes()
    {
        foreach (string command in await CommandsAsync())
        {
            string help = await HelpAsync(command);

            Assert.That(help, Does.Match($@"\nExamples:\r?\n  .*bitsclient {command}"), command);
            Assert.That(help, Does.Match(@"\nExit codes:\r?\n  0 +Success"), command);
            Assert.That(help.Split('\n').Select(line => line.TrimEnd().Length), Is.All.AtMost(100), command);
        }
    }

    [Test]
    public async Task The_help_groups_options() => Assert.That(
        await HelpAsync("upload"),
        Does.Match(
            @"(?s)^Uploads .*\nUsage:.*\nArguments:.*\nOptions:.*--state.*\nTransfer options:.*--retries.*\nConnection options:.*--user.*"
            + @"\nOutput options:.*--json.*\nExamples:"));

    [Test]
    public async Task Required_options_and_defaults_are_marked()
    {
        Assert.That(await HelpAsync("list"), Does.Match(@"--state <DIR> .*\(required\)"));
        Assert.That(await HelpAsync("serve"), Does.Match(@"--port <N> .*\[default: 0\]"));
        Assert.That(await HelpAsync("resume"), Does.Contain("bitsclient resume [<ID>] [options]"));
    }

    [Test]
    public async Task The_help_of_a_command_with_commands_lists_them()
    {
        string help = await HelpAsync("queue");

        Assert.That(help, Does.Contain("bitsclient queue <command> [options]"));
        Assert.That(help, Does.Contain("add <FILE>... <URL>").And.Contain("watch <ID>"));
        Assert.That(help, Does.Match(@"\nExamples:\r?\n  bitsclient queue add"));
    }

    [TestCase("-h")]
    [TestCase("-?")]
    [TestCase("--help", "upload", "--bogus")]
    public async Task Help_needs_no_valid_command_line(params string[] arguments)
    {
        ToolRun run = await ToolInProcess.RunAsync(arguments);

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("Usage:"));
    }

    /// <summary>The commands that do something, in the help of the tool, and of 'queue' instead of that itself.</summary>
    internal static async Task<string[]> CommandsAsync()
    {
        IEnumerable<string> inner = (await CommandsInAsync("queue")).Select(command => $"queue {command}");
        return [.. (await CommandsInAsync()).SelectMany(command => command == "queue" ? inner : [command])];
    }

    /// <summary>The commands in the help of the tool or of a command.</summary>
    internal static async Task<string[]> CommandsInAsync(params string[] command)
    {
        ToolRun run = await ToolInProcess.RunAsync([.. command, "--help"]);
        string section = run.Output.Split("Commands:")[1].Split("Output options:")[0];
        return [.. Command().Matches(section).Select(match => match.Groups["command"].Value)];
    }

    /// <summary>The options in the help of a command.</summary>
    internal static async Task<string[]> OptionsAsync(string command) =>
        [.. Option().Matches(await HelpAsync(command)).Select(match => match.Groups["option"].Value)];

    private static async Task<string> HelpAsync(string command)
    {
        ToolRun run = await ToolInProcess.RunAsync([.. command.Split(' '), "--help"]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        return run.Output;
    }

    [GeneratedRegex("^  (?<option>--[a-z0-9-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Option();

    [GeneratedRegex("^  (?<command>[a-z]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Command();
}
