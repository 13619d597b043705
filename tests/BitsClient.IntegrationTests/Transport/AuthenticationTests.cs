using System.Net;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Transport;

/// <summary>Authentication challenges that the handler of the HttpClient answers, over a real connection.</summary>
public sealed class AuthenticationTests
{
    private static readonly byte[] File = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    private static readonly BitsFault BasicChallenge = new BitsFault.Answer(401)
    {
        Ack = false,
        Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")],
    };

    [Test]
    public async Task A_challenged_Create_Session_is_sent_again_with_the_credentials()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.CreateSession, BasicChallenge);
        await Upload(server);
        Assert.That(
            server.Dialogue.Take(2).Select(exchange => (exchange.PacketType, exchange.RequestHeader("Authorization"))),
            Is.EqualTo(new (string?, string?)[] { ("Create-Session", null), ("Create-Session", "Basic dXNlcjpwYXNz") }));
        Assert.That(server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_challenged_fragment_is_sent_again_completely()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.Fragment, BasicChallenge, occurrence: 2);
        BitsUploadResult result = await Upload(server);
        Assert.That(server.Dialogue.Count(exchange => exchange.PacketType == "Fragment"), Is.EqualTo(4));
        Assert.That(result.Retries, Is.EqualTo(1), "the handler has sent it again");
    }

    private static async Task<BitsUploadResult> Upload(BitsTestServer server)
    {
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using SocketsHttpHandler handler = new() { Credentials = new NetworkCredential("user", "pass"), AllowAutoRedirect = false };
        using HttpClient http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 100_000 });
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(File), new Uri(host.BaseAddress, "upload/file.bin"));
        BitsUploadResult result = await job.RunAsync();
        Assert.That(server.GetFile("/upload/file.bin"), Is.EqualTo(File));
        server.AssertNoViolations();
        return result;
    }
}
