using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace BitsClient.Cli.Http;

/// <summary>
/// Keeps the cookies of a run, and sends them back to the origin that has set them and to no other, not even to another port of the host,
/// as a <see cref="CookieContainer"/> alone would.
/// </summary>
internal sealed class OriginCookies(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Cookie = "Cookie";

    private readonly ConcurrentDictionary<string, CookieContainer> _ofOrigin = new(StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri url = request.RequestUri!;
        CookieContainer cookies = _ofOrigin.GetOrAdd(url.GetLeftPart(UriPartial.Authority), _ => new CookieContainer());
        Add(request, cookies.GetCookieHeader(url));
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.Headers.NonValidated.TryGetValues("Set-Cookie", out HeaderStringValues lines))
        {
            foreach (string line in lines)
            {
                TrySet(cookies, url, line);
            }
        }

        return response;
    }

    // The user may have specified cookies with --header.
    private static void Add(HttpRequestMessage request, string cookies)
    {
        if (cookies.Length > 0)
        {
            string own = request.Headers.NonValidated.TryGetValues(Cookie, out HeaderStringValues values) ? values.ToString() : "";
            request.Headers.Remove(Cookie);
            request.Headers.TryAddWithoutValidation(Cookie, own.Length > 0 ? $"{own}; {cookies}" : cookies);
        }
    }

    private static void TrySet(CookieContainer cookies, Uri url, string line)
    {
        try
        {
            cookies.SetCookies(url, line);
        }
        catch (CookieException)
        {
            // As in a browser, a cookie that is not valid does not exist.
        }
    }
}
