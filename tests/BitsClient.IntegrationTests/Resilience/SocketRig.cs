using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>A client and a server on a loopback port.</summary>
internal sealed class SocketRig : IAsyncDisposable
{
    private readonly BitsTestHost _host;
    private readonly HttpClient _http;

    private SocketRig(BitsTestServer server, BitsTestHost host, BitsUploadOptions options, int connections, TimeProvider? time)
    {
        (Server, _host) = (server, host);
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { Timeout = Timeout.InfiniteTimeSpan };
        Client = new BitsUploadClient(_http, options, timeProvider: time);
    }

    public BitsTestServer Server { get; }

    public BitsUploadClient Client { get; }

    public static async Task<SocketRig> StartAsync(
        BitsServerDialect dialect, BitsUploadOptions options, int connections = int.MaxValue, TimeProvider? time = null)
    {
        BitsTestServer server = new(new BitsTestServerOptions { Dialect = dialect });
        return new SocketRig(server, await BitsTestHost.StartAsync(server), options, connections, time);
    }

    public IBitsUploadJob CreateJob(byte[] file, string path) =>
        Client.CreateJob(BitsUploadSource.FromMemory(file), new Uri(_host.BaseAddress, path));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        Server.Dispose();
    }
}
