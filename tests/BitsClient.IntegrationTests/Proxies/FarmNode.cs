using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>One node of a farm: a server of its own, on a port of its own, that wants the packets of its sessions for itself.</summary>
internal sealed class FarmNode : IAsyncDisposable
{
    private readonly BitsTestHost _host;

    private FarmNode(BitsTestServer server, BitsTestHost host) => (Server, _host, Address) = (server, host, host.BaseAddress);

    public BitsTestServer Server { get; }

    public Uri Address { get; }

    /// <summary>Packets that came in by another address than the node's own: through the proxy.</summary>
    public IEnumerable<BitsExchange> Proxied => Server.Dialogue.Where(exchange => exchange.Url.Authority != Address.Authority);

    /// <summary>Packets that came straight to the node.</summary>
    public IEnumerable<BitsExchange> Direct => Server.Dialogue.Where(exchange => exchange.Url.Authority == Address.Authority);

    public static async Task<FarmNode> StartAsync(TimeSpan fallback)
    {
        int port = ProxyProcess.FreePort();
        BitsTestServer server = new(new BitsTestServerOptions { HostId = $"127.0.0.1:{port}", HostIdFallbackTimeout = fallback });
        return new FarmNode(server, await BitsTestHost.StartAsync(server, port));
    }

    /// <summary>Breaks all connections of the node, and refuses new ones.</summary>
    public ValueTask KillAsync() => _host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Server.Dispose();
    }
}
