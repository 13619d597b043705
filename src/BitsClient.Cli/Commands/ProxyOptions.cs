using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using BitsClient.Cli.Http;

namespace BitsClient.Cli.Commands;

/// <summary>The options for a proxy.</summary>
internal sealed class ProxyOptions
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Option<Uri?> _proxy = new("--proxy")
    {
        Description = "The proxy, for example http://proxy:8080 or socks5://localhost:1080. Default: that of the system, or of the "
            + "environment variables http_proxy, https_proxy, all_proxy and no_proxy",
        HelpName = "URL",
        CustomParser = ParseProxy,
    };

    private readonly Option<NetworkCredential?> _user =
        OptionFactory.User("--proxy-user", "The user name for the proxy", ProxyFailures.PasswordVariable);

    public void AddTo(Command command)
    {
        command.Add(_proxy);
        command.Add(_user);
    }

    /// <summary>Adds the values of the options to the settings of a connection.</summary>
    public ConnectionSettings Apply(ParseResult parsed, ConnectionSettings settings) =>
        settings with { Proxy = parsed.GetValue(_proxy), ProxyCredential = parsed.GetValue(_user) };

    // The messages do not show the value, which can contain a password.
    private static Uri? ParseProxy(ArgumentResult result)
    {
        if (!Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) || !Schemes.Contains(url.Scheme) || url.Host.Length == 0)
        {
            return OptionFactory.AddError<Uri>(
                result, "--proxy must be an http or socks5 URL, for example http://proxy:8080 or socks5://localhost:1080");
        }

        return url.UserInfo.Length == 0
            ? url
            : OptionFactory.AddError<Uri>(result, "--proxy must not contain a user name or password: use --proxy-user");
    }
}
