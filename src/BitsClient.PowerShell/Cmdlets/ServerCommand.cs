using System.Management.Automation;
using System.Net;
using System.Text.RegularExpressions;
using BitsClient.Cli.Http;
using BitsClient.Cli.Output;
using BitsClient.PowerShell.Output;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>A cmdlet that connects to a server.</summary>
public abstract class ServerCommand : BitsCommand
{
    // .NET Framework allows two connections otherwise.
    private const int MaxConnections = 20;

    private static readonly BitsAuthentication[] Integrated = [BitsAuthentication.Ntlm, BitsAuthentication.Negotiate];

    private static readonly BitsAuthentication[] Schemes =
        [BitsAuthentication.Basic, BitsAuthentication.Digest, .. Integrated];

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
    [Parameter, ValidateNotNull]
    public string[] CustomHeaders { get; set; } = [];

    /// <summary>Other servers that receive the credentials and the headers.</summary>
    [Parameter, ValidateNotNull]
    public Uri[] TrustedOrigin { get; set; } = [];

    /// <summary>Which proxy is used.</summary>
    [Parameter]
    public BitsProxyUsage ProxyUsage { get; set; }

    /// <summary>The URL of the proxy.</summary>
    [Parameter]
    public Uri? ProxyList { get; set; }

    /// <summary>The hosts that are connected to without the proxy; * stands for any characters.</summary>
    [Parameter, ValidateNotNull]
    public string[] ProxyBypass { get; set; } = [];

    /// <summary>The user for the proxy.</summary>
    [Parameter, Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Whether to send POST with X-Http-Method-Override in place of BITS_POST.</summary>
    [Parameter]
    public SwitchParameter OverrideVerb { get; set; }

    /// <summary>The headers of -CustomHeaders.</summary>
    private protected Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks what is specified for the connection.</summary>
    protected override void BeginProcessing()
    {
        if ((FindError() ?? ReadHeaders()) is { } error)
        {
            ThrowTerminatingError(Failure.Of(new ValidationMetadataException(error), target: null));
        }
    }

    /// <summary>Whether a parameter was specified.</summary>
    private protected bool HasParameter(string name) => MyInvocation.BoundParameters.ContainsKey(name);

    /// <summary>Creates the HTTP client for the server of a URL.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="isTraced">Whether its packets are written to the verbose stream.</param>
    private protected HttpClient Connect(Uri url, bool isTraced = true)
    {
        Uri[] origins = [url, .. TrustedOrigin];
        if (Array.Find(origins, origin => !origin.IsAbsoluteUri) is { } relative)
        {
            throw new UriFormatException($"'{relative}' is not an absolute URL.");
        }

        NetworkCredential? user = Credential?.GetNetworkCredential()
            ?? (UseDefaultCredentials ? CredentialCache.DefaultNetworkCredentials : null);
        HttpClientHandler handler = new()
        {
            // A redirect could send the packets of a session to a different place than its Create-Session.
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxConnectionsPerServer = MaxConnections,
            Credentials = user is null ? null : BoundTo(origins, user),

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

        HttpMessageHandler top = user is null && ProxyCredential is null ? handler : new ChallengedBodies(handler);
        top = isTraced ? new PacketTrace(text => Post(() => WriteVerbose(text)), top) : top;
        return new HttpClient(top) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The client for an HTTP client.</summary>
    /// <param name="http">The HTTP client.</param>
    /// <param name="options">The options of the client, besides those of this class.</param>
    /// <param name="warn">Called with each warning, on any thread.</param>
    private protected BitsUploadClient CreateClient(HttpClient http, BitsUploadOptions options, Action<string> warn)
    {
        options.OverrideVerb = OverrideVerb;
        options.TrustedOrigins = TrustedOrigin;

        // Progress and the error record report these already; and TransferCommand does, if there can be no error record.
        return new BitsUploadClient(http, options, new WarningLog(warn, ignored: ["Retrying", "Failed", "CancelFailed"]));
    }

    /// <summary>Lets the thread of the cmdlet write a warning while it waits. Can be called on any thread.</summary>
    private protected void PostWarning(string text) => Post(() => WriteWarning(text));

    // What contradicts itself; null for nothing.
    private string? FindError()
    {
        bool isOverride = ProxyUsage is BitsProxyUsage.Override;
        if ((ProxyList is not null) != isOverride && (ProxyList is null || HasParameter(nameof(ProxyUsage))))
        {
            return "-ProxyUsage Override and -ProxyList belong together.";
        }

        return UseDefaultCredentials && Credential is null && Authentication is BitsAuthentication.Basic or BitsAuthentication.Digest
            ? $"-Authentication {Authentication} needs a password: specify -Credential instead of -UseDefaultCredentials."
            : null;
    }

    // What is wrong with a header; null for nothing.
    private string? ReadHeaders()
    {
        foreach (string header in CustomHeaders)
        {
            int colon = header.IndexOf(':');
            if (colon < 1)
            {
                return $"'{header}' is not a header: specify it as \"Name: Value\".";
            }

            Headers[header.Substring(0, colon).Trim()] = header.Substring(colon + 1).Trim();
        }

        return null;
    }

    // A server that is named by another one must not get the password by asking for it.
    private CredentialCache BoundTo(IEnumerable<Uri> origins, NetworkCredential user)
    {
        // Those of the user who runs PowerShell have no password that could be sent or hashed.
        BitsAuthentication[] offered = user == CredentialCache.DefaultNetworkCredentials ? Integrated : Schemes;
        CredentialCache cache = new();
        foreach (string origin in origins.Select(url => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)).Distinct())
        {
            foreach (BitsAuthentication scheme in offered.Where(each => Authentication == each || Authentication is BitsAuthentication.Any))
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
