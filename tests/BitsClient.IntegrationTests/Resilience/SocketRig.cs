using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>A client and a server on a loopback port.</summary>
internal sealed class SocketRig : IAsyncDisposable
{
    private readonly BitsTestHost _host;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private SocketRig(BitsTestServer server, BitsTestHost host, BitsUploadOptions options)
    {
        (Server, _host) = (server, host);
        Client = new BitsUploadClient(_http, options);
    }

    public BitsTestServer Server { get; }

    public BitsUploadClient Client { get; }

    public static async Task<SocketRig> StartAsync(BitsServerDialect dialect, BitsUploadOptions options)
    {
        BitsTestServer server = new(new BitsTestServerOptions { Dialect = dialect });
        return new SocketRig(server, await BitsTestHost.StartAsync(server), options);
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
