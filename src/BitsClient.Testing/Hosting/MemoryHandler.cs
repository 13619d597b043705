using BitsClient.Testing.Engine;

namespace BitsClient.Testing.Hosting;

/// <summary>Brings requests to the engine without a socket, and fails as the socket handler does.</summary>
internal sealed class MemoryHandler(BitsEngine engine) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var incoming = new MemoryRequest(request, cancellationToken);
        Task handling = engine.HandleAsync(incoming);
        await (await Task.WhenAny(handling, incoming.Answering).ConfigureAwait(false)).ConfigureAwait(false);
        return incoming.Response;
    }
}
