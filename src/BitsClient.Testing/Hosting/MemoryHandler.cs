using BitsClient.Testing.Engine;

namespace BitsClient.Testing.Hosting;

/// <summary>Passes requests to the engine without a socket. It throws the exceptions that a socket handler throws.</summary>
internal sealed class MemoryHandler(BitsEngine engine) : HttpMessageHandler
{
    // One connection at a time, as a client has that sends one request after the other.
    private volatile object _connection = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var incoming = new MemoryRequest(request, _connection, cancellationToken);
        bool isKept = false;
        try
        {
            await incoming.BeginAsync().ConfigureAwait(false);
            Task handling = engine.HandleAsync(incoming);
            await (await Task.WhenAny(handling, incoming.Answering).ConfigureAwait(false)).ConfigureAwait(false);
            isKept = incoming.Response.Headers.ConnectionClose is not true;
            return incoming.Response;
        }
        finally
        {
            if (!isKept)
            {
                _connection = new object();
            }
        }
    }
}
