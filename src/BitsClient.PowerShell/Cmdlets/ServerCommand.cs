using System.Management.Automation;
using System.Net;
using System.Text.RegularExpressions;
using BitsClient.Cli.Output;
using BitsClient.PowerShell.Output;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>A cmdlet that connects to a server.</summary>
public abstract class ServerCommand : BitsCommand
{
    // .NET Framework allows two connections otherwise.
    private const int MaxConnections = 20;

    private static readonly BitsAuthentication[] Schemes =
        [BitsAuthentication.Basic, BitsAuthentication.Digest, BitsAuthentication.Ntlm, BitsAuthentication.Negotiate];

    private protected ServerCommand()
    {
    }

    /// <summary>The user for the server of the URL, and for -TrustedOrigin.</summary>
    [Parameter, Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Whether the server may authenticate the user who runs PowerShell.</summary>
    [Parameter]
    public SwitchParameter UseDefaultCredentials { get; set; }

    /// <summary>How the user is authenticated.</summary>
    [Parameter]
    public BitsAuthentication Authentication { get; set; }

    /// <summary>Headers for every request, as "Name: Value".</summary>
    [Parameter]
    public string[] CustomHeaders { get; set; } = [];

    /// <summary>Other servers that receive the credentials and the headers.</summary>
    [Parameter]
    public Uri[] TrustedOrigin { get; set; } = [];

    /// <summary>Which proxy is used.</summary>
    [Parameter]
    public BitsProxyUsage ProxyUsage { get; set; }

    /// <summary>The URL of the proxy.</summary>
    [Parameter]
    public Uri? ProxyList { get; set; }

    /// <summary>The hosts that are connected to without the proxy; * stands for any characters.</summary>
    [Parameter]
    public string[] ProxyBypass { get; set; } = [];

    /// <summary>The user for the proxy.</summary>
    [Parameter, Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Whether to send POST with X-Http-Method-Override in place of BITS_POST.</summary>
    [Parameter]
    public SwitchParameter OverrideVerb { get; set; }

    /// <summary>Checks what is specified for the connection.</summary>
    protected override void BeginProcessing()
    {
        if ((ProxyList is not null) != (ProxyUsage is BitsProxyUsage.Override) && (ProxyList is null || HasParameter(nameof(ProxyUsage))))
        {
            throw new ValidationMetadataException("-ProxyUsage Override and -ProxyList belong together.");
        }

        _ = Headers();
    }

    /// <summary>Whether a parameter was specified.</summary>
    private protected bool HasParameter(string name) => MyInvocation.BoundParameters.ContainsKey(name);

    /// <summary>Creates the HTTP client for the server of a URL.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="isTraced">Whether its packets are written to the verbose stream.</param>
    private protected HttpClient Connect(Uri url, bool isTraced = true)
    {
        NetworkCredential? user = Credential?.GetNetworkCredential()
            ?? (UseDefaultCredentials ? CredentialCache.DefaultNetworkCredentials : null);
        HttpClientHandler handler = new()
        {
            // A redirect could send the packets of a session to a different place than its Create-Session.
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxConnectionsPerServer = MaxConnections,
            Credentials = user is null ? null : BoundTo([url, .. TrustedOrigin], user),

            // Otherwise, each fragment would be refused once and then sent again with the credentials.
            PreAuthenticate = user is not null,
            UseProxy = ProxyUsage is not BitsProxyUsage.NoProxy,
        };
        if (ProxyList is not null)
        {
            handler.Proxy = Proxy();
        }
        else if (handler.UseProxy)
        {
            handler.DefaultProxyCredentials = ProxyCredential?.GetNetworkCredential();
        }

        HttpMessageHandler top = isTraced ? new PacketTrace(text => Post(() => WriteVerbose(text)), handler) : handler;
        return new HttpClient(top) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The client for an HTTP client; its warnings are written unless it works in the background.</summary>
    private protected BitsUploadClient CreateClient(HttpClient http, BitsUploadOptions options, bool isObserved = true)
    {
        options.OverrideVerb = OverrideVerb;
        options.TrustedOrigins = TrustedOrigin;
        return new BitsUploadClient(http, options, isObserved ? Warnings() : null);
    }

    /// <summary>The headers of -CustomHeaders.</summary>
    private protected Dictionary<string, string> Headers()
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string header in CustomHeaders)
        {
            int colon = header.IndexOf(':');
            if (colon < 1)
            {
                throw new ValidationMetadataException($"'{header}' is not a header: specify it as \"Name: Value\".");
            }

            headers[header.Substring(0, colon).Trim()] = header.Substring(colon + 1).Trim();
        }

        return headers;
    }

    // Progress and the error record report these already.
    private WarningLog Warnings() => new(text => Post(() => WriteWarning(text)), ignored: ["Retrying", "Failed", "CancelFailed"]);

    // A server that is named by another one must not get the password by asking for it.
    private CredentialCache BoundTo(IEnumerable<Uri> origins, NetworkCredential user)
    {
        CredentialCache cache = new();
        foreach (string origin in origins.Select(url => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)).Distinct())
        {
            foreach (BitsAuthentication scheme in Schemes.Where(each => Authentication == each || Authentication is BitsAuthentication.Any))
            {
                cache.Add(new Uri(origin), scheme.ToString(), user);
            }
        }

        return cache;
    }

    private WebProxy Proxy() => new(ProxyList)
    {
        BypassList = [.. ProxyBypass.Select(host => $"^[a-z]+://{Regex.Escape(host).Replace("\\*", ".*")}(:[0-9]+)?$")],
        Credentials = ProxyCredential?.GetNetworkCredential(),
    };
}
