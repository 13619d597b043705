namespace BitsClient.Cli.Help;

/// <summary>A list of the help with its title.</summary>
internal sealed record HelpSection(string Title, IReadOnlyList<HelpEntry> Entries);
