namespace BitsClient.Tests.Support;

/// <summary>A connection on which each piece of a body takes a fixed time.</summary>
internal sealed class SlowLine(ManualTimeProvider time, TimeSpan perPiece) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            request.Content = new WatchedContent(content, () => time.Advance(perPiece), static () => { });
        }

        return base.SendAsync(request, cancellationToken);
    }
}
