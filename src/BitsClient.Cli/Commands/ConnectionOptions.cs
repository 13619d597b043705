using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>
/// The options of all commands that connect to a server: additional headers, the user, who receives them, https, the proxy, the timeout,
/// and what is shown of the packets.
/// </summary>
internal sealed class ConnectionOptions
{
    private readonly Option<KeyValuePair<string, string>[]> _headers = OptionFactory.Headers();
    private readonly Option<NetworkCredential?> _user = OptionFactory.User(
        "--user", "User name for authentication, if the server asks for it", ServerConnection.PasswordVariable);
    private readonly Option<TrustedHost[]> _trustedHosts = OptionFactory.TrustedHosts();
    private readonly TlsOptions _tls = new();
    private readonly ProxyOptions _proxy = new();
    private readonly Option<TimeSpan?> _timeout = OptionFactory.Timeout();
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Write a line to stderr for each packet and its answer" };
    private readonly Option<bool> _trace = new("--trace")
    {
        Description = "Write every packet and its answer to stderr with all headers; secrets are masked",
    };

    public void AddTo(Command command)
    {
        command.Add(_headers);
        command.Add(_user);
        command.Add(_trustedHosts);
        _tls.AddTo(command);
        _proxy.AddTo(command);
        command.Add(_timeout);
        command.Add(_verbose);
        command.Add(_trace);
        command.Validators.Add(ValidateUser);
    }

    /// <summary>Whether packets are written to stderr.</summary>
    public bool ShowsPackets(ParseResult parsed) => parsed.GetValue(_trace) || parsed.GetValue(_verbose);

    /// <summary>How long to wait without an answer or progress; null for the default.</summary>
    public TimeSpan? Timeout(ParseResult parsed) => parsed.GetValue(_timeout);

    /// <summary>The origins besides that of the URL that receive headers and password.</summary>
    public IList<Uri> TrustedOrigins(ParseResult parsed, Uri url) =>
        [.. (parsed.GetValue(_trustedHosts) ?? []).Select(host => host.OriginFor(url))];

    /// <summary>Creates the HTTP client for the server of a URL.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="terminal">Where packets are shown.</param>
    /// <param name="url">The URL.</param>
    /// <param name="retriesUnknownHost">Whether a host that is not found is tried as often as any other failure.</param>
    public HttpClient Open(ParseResult parsed, Terminal terminal, Uri url, bool retriesUnknownHost = false)
    {
        ConnectionSettings settings = new()
        {
            Origins = [url, .. TrustedOrigins(parsed, url)],
            Credential = parsed.GetValue(_user) ?? UrlUser.Of(parsed.CommandResult)?.Credential,
            RetriesUnknownHost = retriesUnknownHost,
            Show = parsed.GetValue(_trace) ? handler => new TraceHandler(terminal.Error, handler)
                : parsed.GetValue(_verbose) ? handler => new PacketLineHandler(terminal.Error, TimeProvider.System, handler)
                : null,
        };
        HttpClient http = ServerConnection.Open(_proxy.Apply(parsed, _tls.Apply(parsed, settings)));
        foreach ((string name, string value) in parsed.GetValue(_headers) ?? [])
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        return http;
    }

    private void ValidateUser(CommandResult result)
    {
        if (UrlUser.Of(result) is not { } user)
        {
            return;
        }

        if (result.GetResult(_user) is not null)
        {
            result.AddError("Specify the user either with --user or in the URL");
        }
        else if (user.Credential is null)
        {
            result.AddError($"A user in the URL requires the password in the environment variable {ServerConnection.PasswordVariable}");
        }
    }
}
