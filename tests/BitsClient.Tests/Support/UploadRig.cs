using System.Net.Http.Headers;
using BitsClient.Testing;

namespace BitsClient.Tests.Support;

/// <summary>
/// A client with a server in memory, a clock that stands still, and a file of ten fragments. Its URL and its requests hold secrets;
/// disposing it fails the test if a log shows one.
/// </summary>
internal sealed class UploadRig : IDisposable
{
    public static readonly Uri Url = new($"http://uploader:{Secrets.UserInfo}@bits.test/upload/file.bin?sig={Secrets.Query}");

    private readonly HttpClient _http;

    public UploadRig(
        BitsServerDialect dialect = BitsServerDialect.McBup, BitsUploadOptions? options = null, params DelegatingHandler[] handlers)
        : this(new BitsTestServerOptions { Dialect = dialect }, options, handlers)
    {
    }

    public UploadRig(BitsTestServerOptions server, BitsUploadOptions? options = null, params DelegatingHandler[] handlers)
    {
        Server = new BitsTestServer(server);
        HttpMessageHandler handler = Server.CreateHandler();
        foreach (DelegatingHandler outer in handlers)
        {
            outer.InnerHandler = handler;
            handler = outer;
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secrets.Token);
        Client = new BitsUploadClient(_http, options ?? new BitsUploadOptions { FixedFragmentSize = 1000 }, Logs, Time);
    }

    public BitsTestServer Server { get; }

    public ManualTimeProvider Time { get; } = new();

    public LogCollector Logs { get; } = new();

    public BitsUploadClient Client { get; }

    public byte[] File { get; } = Bytes(10_000);

    public static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    public IBitsUploadJob CreateJob() => Client.CreateJob(BitsUploadSource.FromMemory(File, "file.bin"), Url);

    /// <summary>The packets that arrived, as in "Create-Session, Fragment, Fragment (aborted)".</summary>
    public string Packets() =>
        string.Join(", ", Server.Dialogue.Select(exchange => exchange.PacketType + (exchange.Aborted ? " (aborted)" : "")));

    /// <summary>The session ids that the packets of a type named.</summary>
    public IEnumerable<string?> SessionIdsOf(string packetType) =>
        Server.Dialogue.Where(exchange => exchange.PacketType == packetType).Select(exchange => exchange.RequestHeader("BITS-Session-Id"));

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
        Assert.That(Secrets.LeaksIn(Logs, [.. Server.Sessions.Select(session => session.Id)]), Is.Empty, "no log shows a secret");
    }
}
