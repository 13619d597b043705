namespace BitsClient.Cli.Output;

/// <summary>Keeps in a few words what was wrong with the last request, whatever packet it carried, a cancel's included.</summary>
internal sealed class TroubleHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private volatile string? _last;

    /// <summary>Null if it was answered well.</summary>
    public string? Last => _last;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            _last = response.IsSuccessStatusCode ? null : OneLine.Of($"{(int)response.StatusCode} {response.ReasonPhrase}");
            return response;
        }
        catch (OperationCanceledException)
        {
            _last = "no answer";
            throw;
        }
        catch (Exception e)
        {
            _last = OneLine.Of(e.GetBaseException().Message).TrimEnd('.');
            throw;
        }
    }
}
