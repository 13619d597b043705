using System.Net;

namespace BitsClient.Tests;

/// <summary>
/// What HttpClient throws, with the constructor of .NET 8: on .NET Framework, an inner exception says why the request failed.
/// </summary>
public class HttpRequestException : System.Net.Http.HttpRequestException
{
    public HttpRequestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal HttpRequestException(HttpRequestError error, string message, Exception? inner = null)
        : base(message, inner ?? CauseOf(error, message))
    {
    }

    private static Exception CauseOf(HttpRequestError error, string message) => error switch
    {
        HttpRequestError.NameResolutionError => new WebException(message, WebExceptionStatus.NameResolutionFailure),
        HttpRequestError.ConnectionError => new WebException(message, WebExceptionStatus.ConnectFailure),
        HttpRequestError.SecureConnectionError => new WebException(message, WebExceptionStatus.SecureChannelFailure),
        HttpRequestError.ProxyTunnelError => new WebException(message, WebExceptionStatus.RequestProhibitedByProxy),
        _ => new IOException(message),
    };
}
