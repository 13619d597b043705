using System.CommandLine;
using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>
/// The options of all commands that connect to a server: additional headers, the user, who receives
/// them, and the trace.
/// </summary>
internal sealed class ConnectionOptions
{
    private readonly Option<KeyValuePair<string, string>[]> _headers = OptionFactory.Headers();
    private readonly Option<NetworkCredential?> _user = OptionFactory.User();
    private readonly Option<TrustedHost[]> _trustedHosts = OptionFactory.TrustedHosts();
    private readonly Option<bool> _trace = new("--trace")
    {
        Description = "Write every packet and its answer to stderr; secrets are masked",
    };

    public void AddTo(Command command)
    {
        command.Add(_headers);
        command.Add(_user);
        command.Add(_trustedHosts);
        command.Add(_trace);
    }

    public bool IsTraced(ParseResult parsed) => parsed.GetValue(_trace);

    /// <summary>The origins besides that of the URL that receive headers and password.</summary>
    public IList<Uri> TrustedOrigins(ParseResult parsed, Uri url) =>
        [.. (parsed.GetValue(_trustedHosts) ?? []).Select(host => host.OriginFor(url))];

    /// <summary>Creates the HTTP client for the server of a URL.</summary>
    public HttpClient Open(ParseResult parsed, Terminal terminal, Uri url)
    {
        HttpClient http = ServerConnection.Open(
            parsed.GetValue(_user), [url, .. TrustedOrigins(parsed, url)], IsTraced(parsed) ? terminal.Error : null);
        foreach ((string name, string value) in parsed.GetValue(_headers) ?? [])
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        return http;
    }
}
