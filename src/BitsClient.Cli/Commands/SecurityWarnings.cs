using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Queue;

namespace BitsClient.Cli.Commands;

/// <summary>What the user should know about the security of a command line before it is run.</summary>
internal static class SecurityWarnings
{
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        if (parsed.GetResult(TlsOptions.InsecureName) is OptionResult option && option.GetValueOrDefault<bool>())
        {
            yield return $"Warning: with {TlsOptions.InsecureName}, any certificate of the server is accepted; anyone on the way to it can "
                + "read and change what is sent.";
        }

        if (UrlUser.Of(parsed.CommandResult) is { HasPassword: true })
        {
            yield return "Warning: other users of this computer can read the password in the URL. Use --user, with the password in the "
                + $"environment variable {ServerConnection.PasswordVariable}.";
        }

        if (DbOf(parsed.CommandResult) is { } db && QueueLocation.HasPassword(db))
        {
            yield return $"Warning: other users of this computer can read the password in {QueueLocation.OptionName}. Use the environment "
                + $"variable {QueueLocation.Variable} instead.";
        }
    }

    private static string? DbOf(CommandResult command)
    {
        OptionResult? db = command.Children.OfType<OptionResult>()
            .FirstOrDefault(option => option.Option.Name == QueueLocation.OptionName);
        return db is { Tokens: [var token] } ? token.Value : null;
    }
}
