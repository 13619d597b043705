using System.Net;
using System.Text;
using BitsClient.Cli.Output;
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
    public async Task Cookies_are_not_sent_to_another_port_of_the_host()
    {
        using BitsTestServer server = new();
        using BitsTestServer elsewhere = new();
        server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(200) { Headers = [new("Set-Cookie", "node=a; Path=/")] });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        await using BitsTestHost other = await BitsTestHost.StartAsync(elsewhere);
        using HttpClient http = ServerConnection.Open();
        BitsUploadClient client = new(http);

        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));
        await client.PingAsync(new Uri(other.BaseAddress, "a.bin"));
        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Cookie")), Is.EqualTo((string?[])[null, "node=a"]));
        Assert.That(elsewhere.Dialogue.Single().RequestHeader("Cookie"), Is.Null);
    }

    [Test]
    public async Task Cookies_of_the_user_are_sent_as_well()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(200) { Headers = [new("Set-Cookie", "node=a")] });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = ServerConnection.Open();
        http.DefaultRequestHeaders.Add("Cookie", "own=1");
        BitsUploadClient client = new(http);

        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));
        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));

        Assert.That(
            server.Dialogue.Select(exchange => exchange.RequestHeader("Cookie")), Is.EqualTo((string?[])["own=1", "own=1; node=a"]));
    }

    [Test]
    public async Task A_cookie_for_another_host_is_ignored()
    {
        using BitsTestServer server = new();
        BitsFault answer = new BitsFault.Answer(200) { Headers = [new("Set-Cookie", "node=a; Domain=elsewhere.test")] };
        server.Inject(BitsPacketNames.Ping, answer);
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = ServerConnection.Open();
        BitsUploadClient client = new(http);

        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));
        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Cookie")), Is.All.Null);
    }

    [Test]
    public async Task Cookies_are_sent_back_within_a_run()
    {
        using BitsTestServer server = new();
        BitsFault answer = new BitsFault.Answer(503) { Headers = [new("Set-Cookie", "node=a; Path=/"), new("Retry-After", "1")] };
        server.Inject(BitsPacketNames.CreateSession, answer);

        await UploadAsync(server, credential: null);

        Assert.That(
            server.Dialogue.Select(exchange => exchange.RequestHeader("Cookie")),
            Is.EqualTo((string?[])[null, "node=a", "node=a", "node=a", "node=a"]));
    }

    [Test]
    public async Task A_trace_shows_that_a_cookie_is_sent_back()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(200) { Headers = [new("Set-Cookie", "node=a; Path=/")] });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using StringWriter trace = new();
        using HttpClient http = ServerConnection.Open(new ConnectionSettings { Show = inner => new TraceHandler(trace, inner) });
        BitsUploadClient client = new(http);

        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));
        await client.PingAsync(new Uri(host.BaseAddress, "a.bin"));

        Assert.That(trace.ToString().Split("> Cookie: ***"), Has.Length.EqualTo(2));
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

    // Digest answers a challenge of its own for each request.
    [TestCase("Digest realm=\"uploads\", nonce=\"1\", qop=\"auth\"", 1, 3)]
    [TestCase("Basic realm=\"uploads\"", 1)]
    public async Task A_body_is_not_sent_twice_because_of_a_challenge(string challenge, params int[] occurrences)
    {
        using BitsTestServer server = new();
        BitsFault asks = new BitsFault.Answer(401) { Ack = false, Headers = [new("WWW-Authenticate", challenge)] };
        foreach (int occurrence in occurrences)
        {
            server.Inject(BitsPacketNames.Fragment, asks, occurrence);
        }

        BitsUploadResult result = await UploadAsync(server, new NetworkCredential("me", "sesame"));

        BitsExchange[] fragments = [.. server.Dialogue.Where(exchange => exchange.PacketType == BitsPacketNames.Fragment)];
        Assert.That(fragments, Has.Length.EqualTo(2 + occurrences.Length));
        Assert.That(fragments[0].RequestHeader("Expect"), Is.EqualTo("100-continue"));
        Assert.That(result.BytesResent, Is.Zero);
    }

    [Test]
    public async Task A_body_waits_for_no_challenge_if_the_credentials_are_sent_in_advance()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.CreateSession, Challenge);

        await UploadAsync(server, new NetworkCredential("me", "sesame"));

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Expect")), Is.All.Null);
    }

    [Test]
    public async Task Only_the_first_body_waits_for_a_challenge_that_does_not_come()
    {
        using BitsTestServer server = new();

        await UploadAsync(server, new NetworkCredential("me", "sesame"));

        Assert.That(
            server.Dialogue.Select(exchange => exchange.RequestHeader("Expect")),
            Is.EqualTo((string?[])[null, "100-continue", null, null]));
    }

    [Test]
    public async Task A_server_that_does_not_know_Expect_gets_the_body_without()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(417) { Ack = false });

        BitsUploadResult result = await UploadAsync(server, new NetworkCredential("me", "sesame"));

        Assert.That(
            server.Dialogue.Skip(1).Select(exchange => exchange.RequestHeader("Expect")),
            Is.EqualTo((string?[])["100-continue", null, null, null]));
        Assert.That((result.BytesResent, result.Retries), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Without_credentials_no_body_waits()
    {
        using BitsTestServer server = new();

        await UploadAsync(server, credential: null);

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Expect")), Is.All.Null);
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

    private static async Task<BitsUploadResult> UploadAsync(BitsTestServer server, NetworkCredential? credential)
    {
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = ServerConnection.Open(new ConnectionSettings { Credential = credential, Origins = [host.BaseAddress] });
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 4000 });
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(new byte[8000]), new Uri(host.BaseAddress, "a.bin"));
        return await job.RunAsync();
    }
}
