using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace BitsClient.Cli.Commands;

/// <summary>The options that need more than to be read: each says itself what is wrong with it.</summary>
internal static class OptionFactory
{
    private static readonly string[] ReservedPrefixes = ["BITS-", "Content-"];

    private static readonly string[] ReservedNames =
    [
        "X-Http-Method-Override", "Host", "Connection", "Proxy-Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect",
        "Range", "If-Range",
    ];

    public static Option<int?> FragmentSize() => new("--fragment-size")
    {
        Description = "Bytes in each fragment, as in 64K or 4M; chosen by the speed of the line if left out",
        HelpName = "N",
        CustomParser = result => ParseSize(result.Tokens[0].Value) is { } size
            ? size
            : Fault<int?>(result, "--fragment-size has to be a number of bytes from 1 to 2147483647, as in 65536, 64K or 4M"),
    };

    public static Option<bool> OverrideVerb() => new("--override-verb")
    {
        Description = "Send POST with X-Http-Method-Override: BITS_POST, for servers and proxies that refuse the verb",
    };

    /// <param name="description">What it is for.</param>
    /// <param name="required">Whether the command is nothing without it.</param>
    public static Option<SavedUploads?> State(string description, bool required) => new("--state")
    {
        Description = description,
        HelpName = "DIR",
        Required = required,
        CustomParser = result => result.Tokens[0].Value is { Length: > 0 } folder
            ? new SavedUploads(folder)
            : Fault<SavedUploads>(result, "--state has to be a folder"),
    };

    public static Option<TimeSpan?> OlderThan() => new("--older-than")
    {
        Description = "Only those for which nothing happened for so many days, hours or minutes, as in 7d, 12h or 30m",
        HelpName = "AGE",
        CustomParser = result => ParseAge(result.Tokens[0].Value) is { } age
            ? age
            : Fault<TimeSpan?>(result, "--older-than has to be a number of days, hours or minutes, as in 7d, 12h or 30m"),
    };

    public static Option<KeyValuePair<string, string>[]> Headers() => new("--header")
    {
        Description = "A header to send with each packet; may be given again",
        HelpName = "NAME: VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseHeaders,
    };

    public static Option<NetworkCredential?> User() => new("--user")
    {
        Description = $"Who to be where the server asks; the password is taken from the environment variable {ServerConnection.PasswordVariable}",
        HelpName = "NAME",
        CustomParser = result => Environment.GetEnvironmentVariable(ServerConnection.PasswordVariable) is { } password
            ? new NetworkCredential(result.Tokens[0].Value, password)
            : Fault<NetworkCredential>(result, $"--user needs the password in the environment variable {ServerConnection.PasswordVariable}"),
    };

    private static int? ParseSize(string text)
    {
        string digits = text.TrimEnd('B', 'b').TrimEnd('i');
        int unit = digits.Length == 0 ? 1 : char.ToUpperInvariant(digits[^1]) switch
        {
            'K' => 1024,
            'M' => 1024 * 1024,
            _ => 1,
        };
        digits = unit == 1 ? text : digits[..^1];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && number <= int.MaxValue / unit
            ? number * unit
            : null;
    }

    private static TimeSpan? ParseAge(string text)
    {
        TimeSpan? unit = text is [.., var last] ? last switch
        {
            'd' => TimeSpan.FromDays(1),
            'h' => TimeSpan.FromHours(1),
            'm' => TimeSpan.FromMinutes(1),
            _ => null,
        } : null;
        return unit is not null && ushort.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) ? number * unit : null;
    }

    private static KeyValuePair<string, string>[] ParseHeaders(ArgumentResult result)
    {
        List<KeyValuePair<string, string>> headers = [];
        using HttpRequestMessage probe = new();
        foreach (string line in result.Tokens.Select(token => token.Value))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? "" : line[..colon].Trim();
            string value = line[(colon + 1)..].Trim();

            // What is wrong may be a secret: it is not shown.
            if (line.Any(c => !char.IsAscii(c) || char.IsControl(c)))
            {
                return Fault<KeyValuePair<string, string>[]>(result, "--header has to be one line of ASCII characters")!;
            }

            if (IsOfProtocol(name))
            {
                return Fault<KeyValuePair<string, string>[]>(result, $"--header cannot set {name}, which belongs to the protocol or the connection")!;
            }

            if (!probe.Headers.TryAddWithoutValidation(name, value))
            {
                return Fault<KeyValuePair<string, string>[]>(result, "--header has to be the \"Name: value\" of a request header")!;
            }

            headers.Add(new(name, value));
        }

        return [.. headers];
    }

    // A second one, or another one, would break the packet it is on.
    private static bool IsOfProtocol(string name) =>
        ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static T? Fault<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
