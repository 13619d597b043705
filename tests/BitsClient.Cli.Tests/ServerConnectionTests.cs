using System.Net;
using System.Text;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests;

/// <summary>
/// How the tool configures cookies, credentials and redirects. Uses sockets, because an in-memory handler has none of these features.
/// </summary>
public sealed class ServerConnectionTests
{
    private static readonly BitsFault Challenge =
        new BitsFault.Answer(401) { Ack = false, Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] };

    [Test]
    public async Task Cookies_are_not_sent_back()
    {
        using BitsTestServer server = new();
        BitsFault answer = new BitsFault.Answer(503) { Headers = [new("Set-Cookie", "node=a; Path=/"), new("Retry-After", "1")] };
        server.Inject(BitsPacketNames.CreateSession, answer);

        await UploadAsync(server, credential: null);

        Assert.That(server.Dialogue[0].AnswerHeader("Set-Cookie"), Is.Not.Null);
        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Cookie")), Is.All.Null);
    }

    [Test]
    public async Task After_one_challenge_every_packet_has_the_credentials()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.CreateSession, Challenge);

        await UploadAsync(server, new NetworkCredential("me", "sesame"));

        string authorization = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("me:sesame"));
        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Authorization")), Is.EqualTo(
            (string?[])[null, authorization, authorization, authorization, authorization]));
    }

    [Test]
    public async Task Credentials_are_not_sent_unless_the_server_asks()
    {
        using BitsTestServer server = new();

        await UploadAsync(server, new NetworkCredential("me", "sesame"));

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Authorization")), Is.All.Null);
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        using BitsTestServer server = new();
        server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(status) { Headers = [new("Location", "/elsewhere.bin")] });

        Assert.That(async () => await UploadAsync(server, credential: null), Throws.TypeOf<BitsServerException>());

        Assert.That(
            server.Dialogue.Select(exchange => (exchange.Method, exchange.Url.AbsolutePath)),
            Is.EqualTo(((string, string)[])[("BITS_POST", "/a.bin")]));
    }

    private static async Task UploadAsync(BitsTestServer server, NetworkCredential? credential)
    {
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = ServerConnection.Open(credential, [host.BaseAddress]);
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 1000 });
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(new byte[2000]), new Uri(host.BaseAddress, "a.bin"));
        await job.RunAsync();
    }
}
