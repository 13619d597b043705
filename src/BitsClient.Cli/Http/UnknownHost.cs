namespace BitsClient.Cli.Http;

/// <summary>
/// Ends the retries early if the host was never found: its name is probably wrong. After the first answer of the run, a name that is not
/// found is a failure of the network like any other.
/// </summary>
internal sealed class UnknownHost(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxTries = 3;

    private int _tries;
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
            e.HttpRequestError is HttpRequestError.NameResolutionError && !_hasAnswered && Interlocked.Increment(ref _tries) >= MaxTries)
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
