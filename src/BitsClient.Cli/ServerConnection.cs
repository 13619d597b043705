using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Creates the HTTP client for a server from the tool's options.</summary>
internal static class ServerConnection
{
    /// <summary>The environment variable with the password for --user; other users could read it on the command line.</summary>
    public const string PasswordVariable = "BITSCLIENT_PASSWORD";

    private static readonly string[] Schemes = ["Basic", "Digest", "NTLM", "Negotiate"];

    /// <summary>Creates the client, which has no timeout of its own.</summary>
    /// <param name="credential">The credentials for authentication; null for none.</param>
    /// <param name="origins">The servers that may ask for them; of each URL, only scheme, host and port count.</param>
    /// <param name="trace">The writer for the trace of all packets; null for no trace.</param>
    public static HttpClient Open(NetworkCredential? credential = null, IEnumerable<Uri>? origins = null, TextWriter? trace = null)
    {
        SocketsHttpHandler sockets = new()
        {
            // A redirect could send the packets of a session to a different place than its Create-Session.
            AllowAutoRedirect = false,
            UseCookies = false,
            Credentials = credential is null ? null : BoundTo(origins ?? [], credential),
            // Otherwise, each fragment would be refused once and then sent again with the credentials.
            PreAuthenticate = credential is not null,
        };
        return new HttpClient(trace is null ? sockets : new TraceHandler(trace, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }

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
}
