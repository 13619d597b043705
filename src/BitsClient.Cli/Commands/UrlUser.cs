using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace BitsClient.Cli.Commands;

/// <summary>The user in the URL argument, as in http://me:password@server/a.zip, which is used as that of --user.</summary>
/// <param name="HasPassword">Whether the URL contains a password, which other users can read on the command line.</param>
/// <param name="Credential">The user and the password; null if there is no password, not even in the environment variable.</param>
internal sealed record UrlUser(bool HasPassword, NetworkCredential? Credential)
{
    /// <summary>Finds the user; null if the last argument is no URL with a user.</summary>
    public static UrlUser? Of(CommandResult command)
    {
        string? text = command.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).LastOrDefault()?.Value;
        if (!IsUrlWithUser(text, out Uri? url))
        {
            return null;
        }

        string[] parts = url.UserInfo.Split(':', 2);
        string? password = parts is [_, var inUrl]
            ? Uri.UnescapeDataString(inUrl)
            : Environment.GetEnvironmentVariable(ServerConnection.PasswordVariable);
        return new UrlUser(
            parts.Length == 2, password is null ? null : new NetworkCredential(Uri.UnescapeDataString(parts[0]), password));
    }

    /// <summary>The URL without the user.</summary>
    public static Uri Without(Uri url) => url.UserInfo.Length == 0
        ? url
        : new Uri(url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped));

    /// <summary>The text without the user, if it is a URL that has one.</summary>
    public static string Without(string text) => IsUrlWithUser(text, out Uri? url) ? Without(url).AbsoluteUri : text;

    private static bool IsUrlWithUser(string? text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && url.UserInfo.Length > 0;
}
