using System.Net;
using System.Net.Sockets;
using Google.Apis.Http;

namespace BitsClient.Benchmarks;

/// <summary>What every contender is given: a file, a server, and connections to it that all of them share.</summary>
internal sealed class Trial : IDisposable
{
    // One pool of connections; both clients are views of it, because Google's library wants a type of its own.
    private readonly SocketsHttpHandler _handler;

    public Trial(IPEndPoint server, IPEndPoint raw, string path, int? sendBuffer = null)
    {
        (Raw, Path, Length) = (raw, path, new FileInfo(path).Length);
        Url = new Uri($"http://{server}/file.bin");
        _handler = new SocketsHttpHandler { ConnectCallback = (context, token) => ConnectAsync(context.DnsEndPoint, sendBuffer, token) };
        Http = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        Google = new ConfigurableHttpClient(new ConfigurableMessageHandler(_handler)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Http { get; }

    public ConfigurableHttpClient Google { get; }

    public Uri Url { get; }

    public IPEndPoint Raw { get; }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Opens the file as the library does.</summary>
    public FileStream OpenFile() =>
        new(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>Makes sure that there is a connection, so that no contender has to open it.</summary>
    public Task WarmUpAsync() => Http.GetByteArrayAsync(Url);

    public void Dispose()
    {
        Http.Dispose();
        Google.Dispose();
        _handler.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint server, int? sendBuffer, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (sendBuffer is { } bytes)
        {
            socket.SendBufferSize = bytes;
        }

        await socket.ConnectAsync(server, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
