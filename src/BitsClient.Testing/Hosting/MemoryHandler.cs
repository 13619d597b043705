using BitsClient.Testing.Engine;

namespace BitsClient.Testing.Hosting;

/// <summary>Passes requests to the engine without a socket. It throws the exceptions that a socket handler throws.</summary>
internal sealed class MemoryHandler(BitsEngine engine) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var incoming = new MemoryRequest(request, cancellationToken);
        await incoming.BeginAsync().ConfigureAwait(false);
        Task handling = engine.HandleAsync(incoming);
        await (await Task.WhenAny(handling, incoming.Answering).ConfigureAwait(false)).ConfigureAwait(false);
        return incoming.Response;
    }
}
