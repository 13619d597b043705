using System.CommandLine;
using BitsClient.Cli.Help;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'man'.</summary>
internal sealed class ManCommand : Command
{
    public ManCommand(Terminal terminal)
        : base("man", "Writes the manual page of this tool, for the program man.") =>
        SetAction((parsed, _) =>
        {
            Command root = parsed.RootCommandResult.Command;
            IEnumerable<HelpPage> commands = HelpPage.CommandsOf(root).Select(command => HelpPage.Of(root, command));
            return terminal.Out.WriteLineAsync(ManPage.Of(HelpPage.Of(root, root), commands));
        });
}
