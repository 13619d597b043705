using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>A client that connects to a server through a proxy.</summary>
internal sealed class ProxyRig : IAsyncDisposable
{
    public const string Path = "/upload/file.bin";

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ProxyProcess _proxy;
    private readonly BitsUploadClient _client;
    private readonly int _port;
    private BitsTestHost _host;

    private ProxyRig(BitsTestServer server, BitsTestHost host, ProxyProcess proxy, BitsUploadOptions options)
    {
        (Server, _host, _proxy) = (server, host, proxy);
        _port = host.BaseAddress.Port;
        _client = new BitsUploadClient(_http, options);
    }

    public BitsTestServer Server { get; }

    public static async Task<ProxyRig> StartAsync(string proxy, BitsUploadOptions options, string setting = "")
    {
        ProxyProcess.Require(proxy);
        BitsTestServer server = new();
        BitsTestHost host = await BitsTestHost.StartAsync(server);
        return new ProxyRig(server, host, ProxyProcess.Start(proxy, [host.BaseAddress], setting), options);
    }

    public async Task<BitsUploadResult> UploadAsync(
        byte[] file, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await using IBitsUploadJob job = _client.CreateJob(BitsUploadSource.FromMemory(file), new Uri(_proxy.Address, Path));
        return await job.RunAsync(progress, cancellationToken);
    }

    public ValueTask StopHostAsync() => _host.DisposeAsync();

    /// <summary>Starts listening again on the same port.</summary>
    public async Task StartHostAsync() => _host = await BitsTestHost.StartAsync(Server, _port);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _proxy.Dispose();
        await _host.DisposeAsync();
        Server.Dispose();
    }
}
