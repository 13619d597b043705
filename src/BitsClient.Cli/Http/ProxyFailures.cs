using System.Net;

namespace BitsClient.Cli.Http;

/// <summary>Names the proxy in failures that are the proxy's: it cannot be reached, or it refuses the user.</summary>
/// <param name="proxy">The proxy that the inner handler uses.</param>
/// <param name="hasUser">Whether there is a user for it.</param>
/// <param name="inner">The inner handler.</param>
internal sealed class ProxyFailures(IWebProxy proxy, bool hasUser, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The environment variable with the password for --proxy-user.</summary>
    public const string PasswordVariable = "BITSCLIENT_PROXY_PASSWORD";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri url = request.RequestUri!;
        if (proxy.IsBypassed(url) || proxy.GetProxy(url) is not { } address || address == url)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        string name = address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.ProxyAuthenticationRequired)
            {
                response.Dispose();
                throw Refusal(name, url);
            }

            return response;
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.ProxyAuthenticationRequired)
        {
            throw Refusal(name, url);
        }
        catch (HttpRequestException e) when (IsOfConnection(e.HttpRequestError))
        {
            // Without the inner exception, whose message would be shown instead.
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, $"the proxy {name} cannot be used: {e.GetBaseException().Message}");
        }
    }

    private static bool IsOfConnection(HttpRequestError error) =>
        error is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;

    private BitsServerException Refusal(string name, Uri url) =>
        new(
            hasUser
                ? $"The proxy {name} answered 407: the user name or the password is wrong. Check --proxy-user and the environment "
                    + $"variable {PasswordVariable}."
                : $"The proxy {name} answered 407: it requires authentication. Use --proxy-user NAME, with the password in the "
                    + $"environment variable {PasswordVariable}.",
            HttpStatusCode.ProxyAuthenticationRequired)
        {
            Url = url,
        };
}
