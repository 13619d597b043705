using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Creates the HTTP client for a server from the tool's options.</summary>
internal static class ServerConnection
{
    /// <summary>The environment variable with the password for --user; other users could read it on the command line.</summary>
    public const string PasswordVariable = "BITSCLIENT_PASSWORD";

    /// <summary>Creates the client, which has no timeout of its own.</summary>
    /// <param name="credential">The credentials for authentication; null for none.</param>
    /// <param name="trace">The writer for the trace of all packets; null for no trace.</param>
    public static HttpClient Open(NetworkCredential? credential = null, TextWriter? trace = null)
    {
        SocketsHttpHandler sockets = new()
        {
            // A redirect could send the packets of a session to a different place than its Create-Session.
            AllowAutoRedirect = false,
            UseCookies = false,
            Credentials = credential,
            // Otherwise, each fragment would be refused once and then sent again with the credentials.
            PreAuthenticate = credential is not null,
        };
        return new HttpClient(trace is null ? sockets : new TraceHandler(trace, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
