using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace BitsClient.Cli.Commands;

/// <summary>Creates the options that parse and validate their values themselves.</summary>
internal static class OptionFactory
{
    private static readonly string[] ReservedPrefixes = ["BITS-", "Content-"];

    private static readonly string[] ReservedNames =
    [
        "X-Http-Method-Override", "Host", "Connection", "Proxy-Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade",
        "Expect", "Range", "If-Range",
    ];

    public static Option<int?> FragmentSize() => new("--fragment-size")
    {
        Description = "The size of each fragment in bytes, for example 64K or 4M. By default, it adapts to the speed of the connection",
        HelpName = "N",
        CustomParser = result => ParseSize(result.Tokens[0].Value) is { } size
            ? size
            : AddError<int?>(result, "--fragment-size must be a number of bytes from 1 to 2147483647, for example 65536, 64K or 4M"),
    };

    public static Option<int?> MaxRate() => new("--max-rate")
    {
        Description = "The maximum number of bytes that are sent per second, for example 500K or 2M",
        HelpName = "N",
        CustomParser = result => ParseSize(result.Tokens[0].Value) is { } rate
            ? rate
            : AddError<int?>(result, "--max-rate must be a number of bytes per second from 1 to 2147483647, for example 500K or 2M"),
    };

    public static Option<int> Parallel() => new("--parallel")
    {
        Description = "How many uploads run at the same time",
        HelpName = "N",
        DefaultValueFactory = _ => 4,
        CustomParser = result => ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            && number is > 0 and <= 1000
            ? number
            : AddError<int>(result, "--parallel must be a number from 1 to 1000"),
    };

    public static Option<bool> Quiet()
    {
        Option<bool> option = new("--quiet") { Description = "Write only errors and security warnings to stderr", Recursive = true };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) && (IsSet(result, "--trace") || IsSet(result, "--verbose")))
            {
                result.AddError("--quiet excludes --verbose and --trace");
            }
        });
        return option;
    }

    public static Option<bool> OverrideVerb() => new("--override-verb")
    {
        Description = "Send POST with X-Http-Method-Override: BITS_POST, for servers and proxies that refuse the method BITS_POST",
    };

    public static Option<BitsResendPolicy> Resend() => new("--resend")
    {
        Description = "What to do if it is unknown how much the server has: find out whether bytes can be sent again (detect, the "
            + "default), send them again (resynchronize), or start over in a new session (new-session)",
        HelpName = "detect|resynchronize|new-session",
        CustomParser = result => result.Tokens[0].Value switch
        {
            "detect" => BitsResendPolicy.Detect,
            "resynchronize" => BitsResendPolicy.Resynchronize,
            "new-session" => BitsResendPolicy.NewSession,
            _ => AddError<BitsResendPolicy>(result, "--resend must be detect, resynchronize or new-session"),
        },
    };

    /// <summary>Creates the option --state.</summary>
    /// <param name="description">Its description in the help of the command.</param>
    /// <param name="required">Whether the command requires it.</param>
    public static Option<SavedUploads?> State(string description, bool required) => new("--state")
    {
        Description = description,
        HelpName = "DIR",
        Required = required,
        CustomParser = result => result.Tokens[0].Value is { Length: > 0 } folder
            ? new SavedUploads(folder)
            : AddError<SavedUploads>(result, "--state must be a folder"),
    };

    /// <summary>Creates the option --older-than.</summary>
    /// <param name="description">What it does; examples of its value are added.</param>
    public static Option<TimeSpan?> OlderThan(string description) => new("--older-than")
    {
        Description = $"{description}, for example 7d, 12h or 30m",
        HelpName = "AGE",
        CustomParser = result => ParseTime(result.Tokens[0].Value, "dhm") is { } age
            ? age
            : AddError<TimeSpan?>(result, "--older-than must be a number of days, hours or minutes, for example 7d, 12h or 30m"),
    };

    public static Option<int?> Retries() => new("--retries")
    {
        Description = "How many times to retry after transient failures without progress in between; 0 for never. Default: 5",
        HelpName = "N",
        CustomParser = result =>
            ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort retries)
                ? retries
                : AddError<int?>(result, "--retries must be a number from 0 to 65535"),
    };

    public static Option<TimeSpan?> Timeout() => new("--timeout")
    {
        Description = "How long to wait without an answer or progress, in seconds or for example 30s, 5m or 2h. Default: 15m for an "
            + "upload, 30s for a ping, and 10s for a cancel",
        HelpName = "TIME",
        CustomParser = result => ParseTimeout(result.Tokens[0].Value) is { } time
            ? time
            : AddError<TimeSpan?>(result, "--timeout must be from one second to one day, for example 30s, 5m or 2h"),
    };

    public static Option<KeyValuePair<string, string>[]> Headers() => new("--header")
    {
        Description = "A header to send with every packet; can be specified more than once",
        HelpName = "NAME: VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseHeaders,
    };

    /// <summary>Creates an option for a user, whose password other users could read on the command line.</summary>
    /// <param name="name">The name of the option.</param>
    /// <param name="description">What the user is for.</param>
    /// <param name="variable">The environment variable with the password.</param>
    public static Option<NetworkCredential?> User(string name, string description, string variable) => new(name)
    {
        Description = $"{description}; the password is read from the environment variable {variable}",
        HelpName = "NAME",
        CustomParser = result => Environment.GetEnvironmentVariable(variable) is { } password
            ? new NetworkCredential(result.Tokens[0].Value, password)
            : AddError<NetworkCredential>(result, $"{name} requires the password in the environment variable {variable}"),
    };

    public static Option<TrustedHost[]> TrustedHosts() => new("--trust-host")
    {
        Description = "Another host that receives --header and --user, if the server names it; can be specified more than once. By "
            + "default, only the server of the URL receives them. The scheme, and the port unless specified, are those of the URL",
        HelpName = "HOST[:PORT]",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseTrustedHosts,
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
        bool isNumber = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return isNumber && number > 0 && number <= int.MaxValue / unit ? number * unit : null;
    }

    private static TimeSpan? ParseTimeout(string text)
    {
        TimeSpan? time = ParseTime(text is [.., var last] && char.IsAsciiDigit(last) ? text + "s" : text, "hms");
        return time > TimeSpan.Zero && time <= TimeSpan.FromDays(1) ? time : null;
    }

    private static TimeSpan? ParseTime(string text, string units)
    {
        TimeSpan? unit = text is [.., var last] && units.Contains(last) ? last switch
        {
            'd' => TimeSpan.FromDays(1),
            'h' => TimeSpan.FromHours(1),
            'm' => TimeSpan.FromMinutes(1),
            _ => TimeSpan.FromSeconds(1),
        } : null;
        return unit is not null && ushort.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            ? number * unit
            : null;
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

            // The messages do not show the value, which can be a secret.
            if (line.Any(c => !char.IsAscii(c) || char.IsControl(c)))
            {
                return AddHeaderError("--header must be a single line of ASCII characters");
            }

            if (IsReserved(name))
            {
                return AddHeaderError($"--header cannot set {name}, which is reserved for the protocol or the connection");
            }

            if (!probe.Headers.TryAddWithoutValidation(name, value))
            {
                return AddHeaderError("--header must be a request header in the form \"Name: value\"");
            }

            headers.Add(new(name, value));
        }

        return [.. headers];

        KeyValuePair<string, string>[] AddHeaderError(string message) => AddError<KeyValuePair<string, string>[]>(result, message)!;
    }

    private static TrustedHost[]? ParseTrustedHosts(ArgumentResult result)
    {
        TrustedHost[] hosts = [.. result.Tokens.Select(token => TrustedHost.Parse(token.Value)).OfType<TrustedHost>()];
        return hosts.Length == result.Tokens.Count
            ? hosts
            : AddError<TrustedHost[]>(result, "--trust-host must be a host with or without a port, for example node7 or node7:8080");
    }

    // A duplicate of such a header, or a different value, would make the packet invalid.
    private static bool IsReserved(string name) =>
        ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsSet(SymbolResult result, string option) => result.GetResult(option) is OptionResult { Implicit: false };

    /// <summary>Refuses a value with a message.</summary>
    internal static T? AddError<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
