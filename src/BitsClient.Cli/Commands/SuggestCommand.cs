using System.CommandLine;
using BitsClient.Cli.Help;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'suggest', which the scripts of 'completion' run: writes what the last word can be, one per line.</summary>
internal sealed class SuggestCommand : Command
{
    private readonly Argument<string[]> _words = new("WORD") { Arity = ArgumentArity.ZeroOrMore };

    public SuggestCommand(Terminal terminal)
        : base("suggest", "Writes the words that can complete a command line.")
    {
        Hidden = true;
        Add(_words);
        SetAction(async (parsed, _) =>
        {
            foreach (string suggestion in Suggestions.Of(parsed.RootCommandResult.Command, parsed.GetRequiredValue(_words)))
            {
                await terminal.Out.WriteLineAsync(suggestion);
            }
        });
    }
}
