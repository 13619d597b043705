using System.Collections.Concurrent;
using System.Net;

namespace BitsClient.Cli.Http;

/// <summary>
/// Lets the server or the proxy ask for authentication before the body of a packet is sent (<c>Expect: 100-continue</c>), so that the body
/// is not sent twice: until it has accepted one without asking, and each time if it asks each time, as with Digest.
/// </summary>
internal sealed class ChallengedBodies(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The inner handler sends a body of this length in any case.</summary>
    private const int AlwaysSentLength = 1024;

    private readonly ConcurrentDictionary<string, bool> _mayChallenge = new(StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string origin = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        bool hasBody = request.Content?.Headers.ContentLength > AlwaysSentLength;
        bool mayChallenge = !_mayChallenge.TryGetValue(origin, out bool known) || known;

        // The library asks as well, whether a fragment is too large.
        bool expects = hasBody && mayChallenge && request.Headers.ExpectContinue is not true;
        request.Headers.ExpectContinue |= expects;
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (expects && response.StatusCode is HttpStatusCode.ExpectationFailed)
        {
            // The server does not know it, and has not received the body.
            response.Dispose();
            _mayChallenge[origin] = false;
            request.Headers.ExpectContinue = null;
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (response.IsSuccessStatusCode && (hasBody || IsSentInAdvance(request)))
        {
            _mayChallenge[origin] = IsAskedEachTime(request);
        }

        return response;
    }

    // Basic is sent without being asked for from the second request on.
    private static bool IsSentInAdvance(HttpRequestMessage request) => request.Headers.Authorization is { Scheme: "Basic" };

    // The inner handler has added what it was asked for. With NTLM and Negotiate, a connection stays authenticated.
    private static bool IsAskedEachTime(HttpRequestMessage request) =>
        request.Headers.ProxyAuthorization is not null || request.Headers.Authorization is { Scheme: "Digest" };
}
