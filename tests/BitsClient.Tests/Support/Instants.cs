namespace BitsClient.Tests.Support;

/// <summary>
/// Counts the instants of an upload: before a packet is sent, before and after each piece of its body, and after its answer has arrived.
/// Calls back at each.
/// </summary>
internal sealed class Instants(Action<int> reached) : DelegatingHandler
{
    private int _count;

    public int Count => _count;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Tick();
        if (request.Content is { } content)
        {
            request.Content = new WatchedContent(content, Tick, Tick);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        Tick();
        return response;
    }

    private void Tick() => reached(_count++);
}
