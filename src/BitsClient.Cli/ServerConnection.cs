using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Makes the connection to a server, as the tool's options want it.</summary>
internal static class ServerConnection
{
    /// <summary>The environment variable with the password of --user; on the command line, everybody could read it.</summary>
    public const string PasswordVariable = "BITSCLIENT_PASSWORD";

    /// <param name="credential">Who the server is told we are, if it asks; null for nobody.</param>
    /// <param name="trace">Is told every packet; null for no trace.</param>
    public static HttpClient Open(NetworkCredential? credential = null, TextWriter? trace = null)
    {
        SocketsHttpHandler sockets = new()
        {
            // A redirect would lead the packets of a session to another place than its Create-Session.
            AllowAutoRedirect = false,
            UseCookies = false,
            Credentials = credential,
            // Otherwise each fragment would be refused once before it is sent again with its credentials.
            PreAuthenticate = credential is not null,
        };
        return new HttpClient(trace is null ? sockets : new TraceHandler(trace, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
