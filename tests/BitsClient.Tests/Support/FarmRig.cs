using System.Net.Http.Headers;
using BitsClient.Testing;

namespace BitsClient.Tests.Support;

/// <summary>
/// A client and servers with host names in one network, where a host can become unreachable. A server can have several names, like the
/// nodes of a farm that share their sessions.
/// </summary>
internal sealed class FarmRig : IDisposable
{
    private readonly Network _network;
    private readonly HttpClient _http;

    /// <param name="server">The first server; <see cref="UploadRig.Url"/> is on it.</param>
    /// <param name="options">The client's options; fragments of 1000 bytes if null.</param>
    /// <param name="handlers">The handlers between the client and the network, the innermost first.</param>
    public FarmRig(BitsTestServerOptions server, BitsUploadOptions? options = null, params DelegatingHandler[] handlers)
    {
        Server = new BitsTestServer(server);
        _network = new Network();
        HttpMessageHandler handler = _network;
        foreach (DelegatingHandler outer in handlers)
        {
            outer.InnerHandler = handler;
            handler = outer;
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        Client = new BitsUploadClient(_http, options ?? new BitsUploadOptions { FixedFragmentSize = 1000 }, timeProvider: Time);
        Connect(UploadRig.Url.Authority, Server);
    }

    public BitsTestServer Server { get; }

    public ManualTimeProvider Time { get; } = new();

    public BitsUploadClient Client { get; }

    public byte[] File { get; } = UploadRig.Bytes(3000);

    /// <summary>The default headers of the HttpClient.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    /// <summary>Every attempted request, as in "bits.test Create-Session", including those that reached no server.</summary>
    public IReadOnlyList<string> Requests => _network.Requests;

    /// <summary>Completes when a silent host has received a whole request.</summary>
    public Task Silence => _network.Silence.Task;

    public IBitsUploadJob CreateJob(Uri? url = null, BitsReplyTarget? reply = null) =>
        Client.CreateJob(BitsUploadSource.FromMemory(File, "file.bin"), url ?? UploadRig.Url, reply);

    /// <summary>Connects a host (with its port, if it is not the default) to a server.</summary>
    public void Connect(string authority, BitsTestServer server) =>
        _network.Hosts[authority] = new HttpMessageInvoker(server.CreateHandler());

    /// <summary>Makes a host unreachable: it accepts connections and is silent, or there is no connection, for this reason.</summary>
    public void Disconnect(string authority, bool silent = false, Exception? reason = null)
    {
        _network.Hosts[authority] = null;
        _network.IsSilent = silent;
        _network.Reason = reason ?? new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused.");
    }

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
    }

    private sealed class Network : HttpMessageHandler
    {
        public Dictionary<string, HttpMessageInvoker?> Hosts { get; } = [];

        public List<string> Requests { get; } = [];

        public bool IsSilent { get; set; }

        public TaskCompletionSource Silence { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception Reason { get; set; } = new HttpRequestException(HttpRequestError.NameResolutionError, "No such host.");

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string authority = request.RequestUri!.Authority;
            bool isPacket = request.Headers.NonValidated.TryGetValues("BITS-Packet-Type", out var type);
            Requests.Add($"{authority} {(isPacket ? type : request.Method.Method)}");
            if (Hosts.GetValueOrDefault(authority) is { } host)
            {
                return await host.SendAsync(request, cancellationToken);
            }

            if (IsSilent)
            {
                await (request.Content?.CopyToAsync(Stream.Null, cancellationToken) ?? Task.CompletedTask);
                Silence.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            throw Reason;
        }
    }
}
