using BitsClient.Tests.Support;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>
/// A client, nginx, and two nodes behind it that share nothing. The client's clock makes the delays between retries pass immediately.
/// </summary>
internal sealed class FarmRig : IAsyncDisposable
{
    // nginx keeps the Host header of the client, which shows how a packet arrived.
    private const string KeepHost = "proxy_set_header Host $http_host;";

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ProxyProcess _proxy;
    private readonly BitsUploadClient _client;

    private FarmRig(FarmNode[] nodes, ProxyProcess proxy, BitsUploadOptions options)
    {
        (Nodes, _proxy) = (nodes, proxy);
        _client = new BitsUploadClient(_http, options, timeProvider: Time);
    }

    public IReadOnlyList<FarmNode> Nodes { get; }

    public ManualTimeProvider Time { get; } = new() { PassesAtOnce = TimeSpan.FromSeconds(2) };

    public static async Task<FarmRig> StartAsync(TimeSpan fallback, BitsUploadOptions options)
    {
        ProxyProcess.Require("nginx");
        FarmNode[] nodes = [await FarmNode.StartAsync(fallback), await FarmNode.StartAsync(fallback)];
        return new FarmRig(nodes, ProxyProcess.Start("nginx", [.. nodes.Select(node => node.Address)], KeepHost), options);
    }

    public IBitsUploadJob CreateJob(byte[] file, string path) =>
        _client.CreateJob(BitsUploadSource.FromMemory(file), new Uri(_proxy.Address, path));

    public async Task<BitsUploadResult> UploadAsync(byte[] file, string path)
    {
        await using IBitsUploadJob job = CreateJob(file, path);
        return await job.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _proxy.Dispose();
        foreach (FarmNode node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
