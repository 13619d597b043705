using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>A node of a farm: a separate server on its own port. Its host id directs the packets of its sessions to this node.</summary>
internal sealed class FarmNode : IAsyncDisposable
{
    private readonly BitsTestHost _host;

    private FarmNode(BitsTestServer server, BitsTestHost host) => (Server, _host, Address) = (server, host, host.BaseAddress);

    public BitsTestServer Server { get; }

    public Uri Address { get; }

    /// <summary>The packets that arrived through the proxy: their URL does not have the address of the node.</summary>
    public IEnumerable<BitsExchange> Proxied => Server.Dialogue.Where(exchange => exchange.Url.Authority != Address.Authority);

    /// <summary>The packets that arrived directly at the node.</summary>
    public IEnumerable<BitsExchange> Direct => Server.Dialogue.Where(exchange => exchange.Url.Authority == Address.Authority);

    public static async Task<FarmNode> StartAsync(TimeSpan fallback)
    {
        int port = ProxyProcess.FreePort();
        BitsTestServer server = new(new BitsTestServerOptions { HostId = $"127.0.0.1:{port}", HostIdFallbackTimeout = fallback });
        return new FarmNode(server, await BitsTestHost.StartAsync(server, port));
    }

    /// <summary>Closes all connections of the node and refuses new ones.</summary>
    public ValueTask KillAsync() => _host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Server.Dispose();
    }
}
