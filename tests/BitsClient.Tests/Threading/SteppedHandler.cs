using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A handler that makes each answer, and each piece of a body, a step.</summary>
internal sealed class SteppedHandler(AsyncSteps steps) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            request.Content = new SteppedContent(steps, content, body: null);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await steps.PassAsync().ConfigureAwait(false);
        if (response.IsSuccessStatusCode && request.Method == HttpMethod.Get)
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            response.Content = new SteppedContent(steps, response.Content, body);
        }

        return response;
    }
}
