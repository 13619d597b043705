using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Support;

/// <summary>The secrets that the uploads of the tests use and no log may show.</summary>
internal static class Secrets
{
    public const string UserInfo = "secret-in-the-user-info";
    public const string Query = "secret-in-the-query";
    public const string Token = "secret-bearer-token";
    public const string Password = "secret-password";

    /// <summary>The Basic credentials of a user "uploader" with the <see cref="Password"/>.</summary>
    public static string BasicCredentials { get; } = Convert.ToBase64String("uploader:secret-password"u8);

    /// <summary>The log entries that show a secret at any level, or a session id at Information or above.</summary>
    public static IEnumerable<string> LeaksIn(LogCollector logs, params string[] sessionIds)
    {
        string[] secrets = [UserInfo, Query, Token, Password, BasicCredentials];
        return
            from entry in logs.Entries
            let forbidden = entry.Level >= LogLevel.Information ? secrets.Concat(sessionIds) : secrets
            where forbidden.Any(secret => entry.Text.Contains(secret, StringComparison.OrdinalIgnoreCase))
            select $"{entry.Level}: {entry.Text}";
    }
}
