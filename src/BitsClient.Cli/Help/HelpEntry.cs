namespace BitsClient.Cli.Help;

/// <summary>An argument, a command or an option, and what it means.</summary>
internal sealed record HelpEntry(string Term, string Description);
