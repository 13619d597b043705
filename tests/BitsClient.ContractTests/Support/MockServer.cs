using System.Globalization;
using WireMock;
using WireMock.Matchers;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;
using WireMock.Types;

namespace BitsClient.ContractTests.Support;

/// <summary>A BITS server made of WireMock mappings, written from the specification. Tests replace the answers that they need.</summary>
internal sealed class MockServer : IDisposable
{
    public const string SessionId = "{b7E6F3a5-5d7A-4C53-9f26-6C7B3C6b4B11}";

    // Without a URL, WireMock listens on all interfaces. Its first start on a busy machine can exceed the default timeout of ten seconds.
    private readonly WireMockServer _server = WireMockServer.Start(new WireMockServerSettings
    {
        Urls = ["http://127.0.0.1:0"],
        StartTimeout = (int)Uploader.Limit.TotalMilliseconds,
    });
    private readonly MemoryStream _stored = new();

    public MockServer(string sessionId = SessionId)
    {
        Default("Ping").RespondWith(Ack());
        Default("Create-Session").RespondWith(
            Ack().WithHeader("BITS-Protocol", "{7df0354d-249b-430f-820d-3d2a9bef4931}").WithHeader("BITS-Session-Id", sessionId));
        Default("Fragment").RespondWith(Response.Create().WithCallback(fragment => Store(fragment)));
        Default("Close-Session").RespondWith(Ack());
        Default("Cancel-Session").RespondWith(Ack());
    }

    public Uri Url => new($"{_server.Url}/uploads/report.bin");

    public string Authority => Url.Authority;

    /// <summary>The bytes that the server has stored.</summary>
    public byte[] Stored => _stored.ToArray();

    /// <summary>The answered requests, in the order of their answers. WireMock logs a request just before it sends the answer.</summary>
    public IReadOnlyList<IRequestMessage> Requests => [.. _server.LogEntries.Select(entry => entry.RequestMessage!)];

    /// <summary>The packet types of <see cref="Requests"/>, or the method of a request that is not a packet.</summary>
    public IEnumerable<string> Packets => Requests.Select(request => Header(request, "BITS-Packet-Type") ?? request.Method);

    /// <summary>The Content-Range of each fragment.</summary>
    public IEnumerable<string> Ranges => Requests.Select(request => Header(request, "Content-Range")).OfType<string>();

    /// <summary>The BITS-Session-Id of each packet that has one.</summary>
    public IEnumerable<string> SessionIds => Requests.Select(request => Header(request, "BITS-Session-Id")).OfType<string>();

    /// <summary>Replaces the answer to a packet.</summary>
    public IRespondWithAProvider On(string packet, string? range = null)
    {
        IRequestBuilder request = Packet(packet);
        return _server.Given(range is null ? request : request.WithHeader("Content-Range", new ExactMatcher(range)));
    }

    /// <summary>Replaces the answer to a packet with one that depends on the number of earlier packets of this type.</summary>
    public void On(string packet, Func<IRequestMessage, int, ResponseMessage> answer)
    {
        int before = 0;
        On(packet).RespondWith(Response.Create().WithCallback(request => answer(request, before++)));
    }

    public IRespondWithAProvider OnGet(string path) => _server.Given(Request.Create().UsingGet().WithPath(path));

    /// <summary>Stores the bytes of a fragment, up to an offset if there is one, and acknowledges the stored bytes.</summary>
    public ResponseMessage Store(IRequestMessage fragment, long? upTo = null)
    {
        // Only the first number is needed here: the tests compare the whole value.
        string[] range = (Header(fragment, "Content-Range") ?? "").Split(' ', '-');
        if (!long.TryParse(range.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out long first))
        {
            return Answer(400, ("BITS-Packet-Type", "Ack"), ("BITS-Error-Code", "0x80070057"));
        }

        _stored.Position = first;
        _stored.Write(fragment.BodyAsBytes ?? []);
        _stored.SetLength(upTo ?? Math.Max(_stored.Length, _stored.Position));
        string offset = _stored.Length.ToString(CultureInfo.InvariantCulture);
        return Answer(200, ("BITS-Packet-Type", "Ack"), ("BITS-Received-Content-Range", offset));
    }

    public void Dispose()
    {
        _server.Dispose();
        _stored.Dispose();
    }

    public static IResponseBuilder Ack() => Response.Create().WithStatusCode(200).WithHeader("BITS-Packet-Type", "Ack");

    public static ResponseMessage Answer(int status, params (string Name, string Value)[] headers) => new()
    {
        StatusCode = status,
        Headers = headers.ToDictionary(header => header.Name, header => new WireMockList<string>(header.Value)),
    };

    public static string? Header(IRequestMessage request, string name) =>
        request.Headers!.TryGetValue(name, out WireMockList<string>? values) ? string.Join(" and ", values) : null;

    /// <summary>The request line and all headers sorted by name, except Host and User-Agent, which every HTTP client sends.</summary>
    public static string Head(IRequestMessage request)
    {
        IEnumerable<string> names = request.Headers!.Keys.Except(["Host", "User-Agent"]).Order(StringComparer.Ordinal);
        IEnumerable<string> headers = names.Select(name => $"{name}: {Header(request, name)}");
        return string.Join('\n', headers.Prepend($"{request.Method} {request.AbsolutePath}"));
    }

    private static IRequestBuilder Packet(string type) =>
        Request.Create().UsingMethod("BITS_POST").WithPath("/uploads/report.bin").WithHeader("BITS-Packet-Type", new ExactMatcher(type));

    // The lowest priority number wins; a mapping without one has 0.
    private IRespondWithAProvider Default(string packet) => _server.Given(Packet(packet)).AtPriority(1);
}
