#if NETSTANDARD
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace BitsClient;

/// <summary>Which versions of HTTP a request accepts, as in .NET 5.</summary>
internal enum HttpVersionPolicy
{
    RequestVersionExact,
}

/// <summary>Why a request failed, as in .NET 8.</summary>
internal enum HttpRequestError
{
    Unknown,
    NameResolutionError,
    ConnectionError,
    SecureConnectionError,
    ProxyTunnelError,
    ResponseEnded,
}

/// <summary>Members of HttpClient's types that .NET Standard 2.0 lacks.</summary>
internal static class HttpExtensions
{
    extension(HttpRequestMessage request)
    {
        /// <summary>Every request has exactly the version that it asks for: HTTP/2 is not supported there.</summary>
        public HttpVersionPolicy VersionPolicy
        {
            set => _ = (request, value);
        }
    }

    extension(HttpRequestException e)
    {
        /// <summary>Null: the exception of a handler does not have it.</summary>
        public HttpStatusCode? StatusCode => e is null ? throw new ArgumentNullException(nameof(e)) : null;

        public HttpRequestError HttpRequestError => e.InnerException switch
        {
            WebException web => Of(web.Status),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } =>
                HttpRequestError.NameResolutionError,
            SocketException => HttpRequestError.ConnectionError,
            AuthenticationException => HttpRequestError.SecureConnectionError,
            _ => HttpRequestError.Unknown,
        };
    }

    private static HttpRequestError Of(WebExceptionStatus status) => status switch
    {
        WebExceptionStatus.NameResolutionFailure or WebExceptionStatus.ProxyNameResolutionFailure => HttpRequestError.NameResolutionError,
        WebExceptionStatus.ConnectFailure => HttpRequestError.ConnectionError,
        WebExceptionStatus.SecureChannelFailure or WebExceptionStatus.TrustFailure => HttpRequestError.SecureConnectionError,
        WebExceptionStatus.RequestProhibitedByProxy => HttpRequestError.ProxyTunnelError,
        _ => HttpRequestError.Unknown,
    };
}
#endif
