using System.CommandLine;

namespace BitsClient.Cli.Help;

/// <summary>What the help and the manual page say about a command, from the command itself and <see cref="HelpTexts"/>.</summary>
internal sealed record HelpPage
{
    /// <summary>The command as the user types it, for example "bitsclient upload".</summary>
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>The command with its arguments.</summary>
    public required string Usage { get; init; }

    /// <summary>The arguments, the commands, and the options in groups.</summary>
    public required IReadOnlyList<HelpSection> Sections { get; init; }

    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>The page of the tool or of one of its commands.</summary>
    public static HelpPage Of(Command root, Command command)
    {
        string name = NameOf(command);
        string arguments = string.Concat(command.Arguments.Select(argument => $" {UsageOf(argument)}"));
        return new HelpPage
        {
            Name = name,
            Description = command.Description ?? "",
            Usage = command.Subcommands.Count > 0 ? $"{name} <command> [options]" : $"{name}{arguments} [options]",
            Sections = [.. SectionsOf(root, command).Where(section => section.Entries.Count > 0)],
            Examples = HelpTexts.ExamplesOf(name),
        };
    }

    /// <summary>A command as the user types it.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : command.Name;

    /// <summary>The commands that do something: those within a command instead of it.</summary>
    public static IEnumerable<Command> CommandsOf(Command command) => command.Subcommands.Where(sub => !sub.Hidden)
        .SelectMany(sub => sub.Subcommands.Count > 0 ? CommandsOf(sub) : [sub]);

    /// <summary>The options of a command, with those of the tool that all commands have.</summary>
    public static IEnumerable<Option> OptionsOf(Command root, Command command) =>
        command == root ? root.Options : command.Options.Concat(root.Options.Where(option => option.Recursive));

    private static IEnumerable<HelpSection> SectionsOf(Command root, Command command)
    {
        yield return new HelpSection("Arguments", [.. command.Arguments.Select(argument =>
            new HelpEntry(LabelOf(argument), argument.Description ?? ""))]);
        yield return new HelpSection("Commands", [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub =>
            new HelpEntry(string.Join(' ', [sub.Name, .. sub.Arguments.Select(LabelOf)]), sub.Description ?? ""))]);
        Option[] options = [.. OptionsOf(root, command)];
        foreach (string group in HelpTexts.Groups)
        {
            yield return new HelpSection(group, [.. options.Where(option => HelpTexts.GroupOf(option.Name) == group).Select(EntryOf)]);
        }
    }

    private static HelpEntry EntryOf(Option option)
    {
        string term = option.HelpName is { } value ? $"{option.Name} <{value}>" : option.Name;
        string end = option switch
        {
            { Required: true } => " (required)",
            { HasDefaultValue: true, HelpName: not null } => $" [default: {option.GetDefaultValue()}]",
            _ => "",
        };
        return new HelpEntry(term, $"{option.Description}{end}");
    }

    private static string UsageOf(Argument argument) =>
        argument.Arity.MinimumNumberOfValues == 0 ? $"[{LabelOf(argument)}]" : LabelOf(argument);

    private static string LabelOf(Argument argument) =>
        $"<{argument.HelpName ?? argument.Name}>{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
}
