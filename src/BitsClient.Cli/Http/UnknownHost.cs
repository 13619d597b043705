using System.Collections.Concurrent;

namespace BitsClient.Cli.Http;

/// <summary>
/// Ends the retries of an upload early if its host was never found: the name is probably wrong. After the first answer of the run, a name
/// that is not found is a failure of the network like any other.
/// </summary>
internal sealed class UnknownHost(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxTries = 3;

    private readonly ConcurrentDictionary<Uri, int> _tries = new();
    private volatile bool _hasAnswered;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            _hasAnswered = true;
            return response;
        }
        catch (HttpRequestException e) when (
            e.HttpRequestError is HttpRequestError.NameResolutionError
            && !_hasAnswered
            && _tries.AddOrUpdate(request.RequestUri!, 1, (_, tries) => tries + 1) >= MaxTries)
        {
            throw new BitsUploadException(
                $"The host of {request.RequestUri!.GetLeftPart(UriPartial.Authority)} was not found: {e.GetBaseException().Message}. Check "
                + "the URL, or use --retries to try more often.")
            {
                Reason = BitsFailureReason.Network,
                Url = request.RequestUri,
            };
        }
    }
}
