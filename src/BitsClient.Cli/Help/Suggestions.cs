using System.CommandLine;

namespace BitsClient.Cli.Help;

/// <summary>What a shell can suggest for the last word of a command line. Where there is nothing, the shell suggests files.</summary>
internal static class Suggestions
{
    /// <param name="root">The tool.</param>
    /// <param name="words">The words after the name of the tool; the last one is to be completed, and may be empty.</param>
    public static IEnumerable<string> Of(Command root, IReadOnlyList<string> words)
    {
        string last = words.Count > 0 ? words[^1] : "";
        string[] before = [.. words.SkipLast(1)];
        Command command = before.Aggregate(
            root, (found, word) => found.Subcommands.FirstOrDefault(sub => sub.Name == word && !sub.Hidden) ?? found);
        Option[] options = [.. HelpPage.OptionsOf(root, command)];
        Option? previous = before.Length > 0 ? Array.Find(options, option => option.Name == before[^1]) : null;

        IEnumerable<string> all = previous is { Arity.MinimumNumberOfValues: > 0 }
            ? ValuesOf(previous.HelpName)
            : command.Subcommands.Count == 0 && !last.StartsWith('-')
                ? command.Arguments.SelectMany(argument => ValuesOf(argument.HelpName))
                : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name).Concat(options.Select(option => option.Name));
        return all.Where(text => text.StartsWith(last, StringComparison.Ordinal));
    }

    // For example detect|resynchronize|new-session.
    private static string[] ValuesOf(string? helpName) => helpName?.Contains('|') == true ? helpName.Split('|') : [];
}
