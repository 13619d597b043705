using System.Text.RegularExpressions;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>What is suggested for the last word of a command line.</summary>
public sealed partial class CompletionTests
{
    [Test]
    public async Task Every_command_and_every_option_of_the_help_is_suggested()
    {
        string[] commands = await HelpTests.CommandsAsync();

        Assert.That(
            await SuggestAsync(""), Is.EqualTo((string[])[.. await HelpTests.CommandsInAsync(), "--help", "--version", "--quiet"]));
        Assert.That(
            await SuggestAsync("queue", ""), Is.EqualTo((string[])[.. await HelpTests.CommandsInAsync("queue"), "--help", "--quiet"]));
        foreach (string command in commands)
        {
            Assert.That(await SuggestAsync([.. command.Split(' '), "--"]), Is.EquivalentTo(await HelpTests.OptionsAsync(command)), command);
        }
    }

    [TestCase("up", "upload")]
    [TestCase("--v", "--version")]
    [TestCase("upload --st", "--state")]
    [TestCase("upload a.bin http://server/a.bin --resend ", "detect", "resynchronize", "new-session")]
    [TestCase("upload --resend n", "new-session")]
    [TestCase("serve . --dialect w", "win32")]
    [TestCase("completion f", "fish")]
    [TestCase("queue w", "watch")]
    [TestCase("queue list --status e", "error")]
    [TestCase("queue add a.bin http://server/a.bin --priority ", "foreground", "high", "normal", "low")]
    public async Task Only_what_begins_with_the_word_is_suggested(string line, params string[] suggestions) =>
        Assert.That(await SuggestAsync(line.Split(' ')), Is.EqualTo(suggestions));

    [TestCase("upload ")]
    [TestCase("upload --state ")]
    [TestCase("queue list --db ")]
    [TestCase("upload --header --")]
    [TestCase("bogus")]
    public async Task Nothing_is_suggested_for_files_and_other_values(string line) =>
        Assert.That(await SuggestAsync(line.Split(' ')), Is.Empty);

    [TestCase("bash", "complete -o default -F _bitsclient bitsclient")]
    [TestCase("zsh", "compdef _bitsclient bitsclient")]
    [TestCase("fish", "complete -c bitsclient")]
    [TestCase("pwsh", "Register-ArgumentCompleter -Native -CommandName bitsclient")]
    public async Task The_script_of_a_shell_asks_the_tool(string shell, string text)
    {
        ToolRun run = await ToolInProcess.RunAsync("completion", shell);

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain(text).And.Contain("bitsclient suggest -- "));
    }

    [Test]
    public async Task Another_shell_is_wrong_usage()
    {
        ToolRun run = await ToolInProcess.RunAsync("completion", "cmd");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("The shell must be bash, zsh, fish or pwsh"));
    }

    [Test]
    public async Task The_manual_page_has_every_command_and_every_option()
    {
        ToolRun run = await ToolInProcess.RunAsync("man");

        Assert.That(run.Output, Does.StartWith(".TH BITSCLIENT 1").And.Contain(".SH EXIT STATUS"));
        Assert.That(run.Output.TrimEnd(), Does.Not.Match("(?m)^\\r?$"), "an empty line is vertical space");
        foreach (string command in await HelpTests.CommandsAsync())
        {
            string section = run.Output.Split($".SH {command.ToUpperInvariant()}{Environment.NewLine}")[1].Split(".SH ")[0];
            string[] options = [.. ManOption().Matches(section).Select(match => match.Groups["option"].Value.Replace("\\", ""))];
            Assert.That(options, Is.EquivalentTo(await HelpTests.OptionsAsync(command)), command);
        }
    }

    private static async Task<string[]> SuggestAsync(params string[] words)
    {
        ToolRun run = await ToolInProcess.RunAsync(["suggest", "--", .. words]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        return run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"^\\fB(?<option>\\-\\-([a-z0-9]|\\-)+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex ManOption();
}
