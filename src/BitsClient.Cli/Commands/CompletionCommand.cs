using System.CommandLine;
using BitsClient.Cli.Help;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'completion'.</summary>
internal sealed class CompletionCommand : Command
{
    private readonly Argument<string> _shell = new("SHELL")
    {
        Description = "The shell",
        HelpName = CompletionScripts.Shells,
        CustomParser = result => CompletionScripts.Of(result.Tokens[0].Value)
            ?? OptionFactory.AddError<string>(result, "The shell must be bash, zsh, fish or pwsh"),
    };

    public CompletionCommand(Terminal terminal)
        : base("completion", "Writes a script that makes the shell complete commands and options of this tool when Tab is pressed.")
    {
        Add(_shell);
        SetAction((parsed, _) => terminal.Out.WriteLineAsync(parsed.GetRequiredValue(_shell)));
    }
}
