using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>The connection to a server, as the tool's options want it.</summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>The environment variable with the password of --user; on the command line, everybody could read it.</summary>
    public const string PasswordVariable = "BITSCLIENT_PASSWORD";

    private readonly TroubleHandler _trouble;

    /// <param name="credential">Who the server is told we are, if it asks; null for nobody.</param>
    /// <param name="trace">Is told every packet; null for no trace.</param>
    public ServerConnection(NetworkCredential? credential = null, TextWriter? trace = null)
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
        _trouble = new TroubleHandler(trace is null ? sockets : new TraceHandler(trace, sockets));
        Http = new HttpClient(_trouble) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Http { get; }

    /// <summary>What was wrong with the last request, in a few words; null if it was answered well.</summary>
    public string? Trouble => _trouble.Last;

    public void Dispose() => Http.Dispose();
}
