using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using BitsClient.Cli.Http;

namespace BitsClient.Cli;

/// <summary>Creates the HTTP client for a server from the tool's options.</summary>
internal static class ServerConnection
{
    /// <summary>The environment variable with the password for --user; other users could read it on the command line.</summary>
    public const string PasswordVariable = "BITSCLIENT_PASSWORD";

    private static readonly string[] Schemes = ["Basic", "Digest", "NTLM", "Negotiate"];

    /// <summary>Creates the client, which has no timeout of its own.</summary>
    public static HttpClient Open(ConnectionSettings? settings = null)
    {
        ConnectionSettings used = settings ?? new ConnectionSettings();
        SocketsHttpHandler sockets = Sockets(used);
        HttpMessageHandler handler = new ProxyFailures(
            sockets.Proxy ?? HttpClient.DefaultProxy, used.ProxyCredential is not null, sockets);
        if (!used.RetriesUnknownHost)
        {
            handler = new UnknownHost(handler);
        }

        // The user sees each request with everything that the handlers around it add.
        handler = new OriginCookies(used.Show?.Invoke(handler) ?? handler);
        if (used.Credential is not null || used.ProxyCredential is not null)
        {
            handler = new ChallengedBodies(handler);
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static SocketsHttpHandler Sockets(ConnectionSettings settings) => new()
    {
        // A redirect could send the packets of a session to a different place than its Create-Session.
        AllowAutoRedirect = false,

        // They would also be sent to other ports of the host.
        UseCookies = false,
        Credentials = settings.Credential is { } credential ? BoundTo(settings.Origins, credential) : null,

        // Otherwise, each fragment would be refused once and then sent again with the credentials.
        PreAuthenticate = settings.Credential is not null,
        Proxy = settings.Proxy is { } proxy ? new WebProxy(proxy) { Credentials = settings.ProxyCredential } : null,
        DefaultProxyCredentials = settings.ProxyCredential,
        SslOptions = Tls(settings),
    };

    // A server that is named by another one must not get the password by asking for it.
    private static CredentialCache BoundTo(IEnumerable<Uri> origins, NetworkCredential credential)
    {
        CredentialCache cache = [];
        foreach (string origin in origins.Select(url => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)).Distinct())
        {
            foreach (string scheme in Schemes)
            {
                cache.Add(new Uri(origin), scheme, credential);
            }
        }

        return cache;
    }

    private static SslClientAuthenticationOptions Tls(ConnectionSettings settings)
    {
        SslClientAuthenticationOptions tls = new();
        if (settings.Authorities is { } authorities)
        {
            X509ChainPolicy policy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }

        if (settings.IsInsecure)
        {
#pragma warning disable CA5359 // The user asked for it (--insecure), and is warned.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (settings.Certificate is { } certificate)
        {
            // Another server that the server names must not learn who the user is.
            string[] hosts = [.. settings.Origins.Select(origin => origin.IdnHost)];
            tls.LocalCertificateSelectionCallback = (_, host, _, _, _) =>
                hosts.Contains(host, StringComparer.OrdinalIgnoreCase) ? certificate : null!;
        }

        return tls;
    }
}
