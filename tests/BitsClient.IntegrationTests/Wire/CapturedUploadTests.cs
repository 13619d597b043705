namespace BitsClient.IntegrationTests.Wire;

/// <summary>
/// The bytes on the wire have the same packets, headers, values and order as those captured from Windows in 2007 (MC-BUP 4.1). All headers
/// are compared, so that an additional header is detected as well. User-Agent is that of the library, Host that of HttpClient.
/// </summary>
public sealed class CapturedUploadTests
{
    private const string Create = """
        Host: 127.0.0.1
        BITS-Packet-Type: Create-Session
        BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}
        Content-Name: rfc2119.txt
        User-Agent: BitsClient/0.1.0
        Content-Length: 0
        """;

    private const string Fragment = """
        Host: 127.0.0.1
        BITS-Packet-Type: Fragment
        BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}
        Content-Name: rfc2119.txt
        User-Agent: BitsClient/0.1.0
        Content-Range: bytes 0-4891/4892
        Content-Length: 4892
        """;

    private const string Close = """
        Host: 127.0.0.1
        BITS-Packet-Type: Close-Session
        BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}
        Content-Name: rfc2119.txt
        User-Agent: BitsClient/0.1.0
        Content-Length: 0
        """;

    private const string Ping = """
        Host: 127.0.0.1
        BITS-Packet-Type: Ping
        User-Agent: BitsClient/0.1.0
        Content-Length: 0
        """;

    [Test]
    public async Task The_packets_of_an_upload_match_the_captured_ones()
    {
        await using CapturedServer server = new();
        using HttpClient http = new();
        BitsUploadClient client = new(http);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(new byte[4892], "rfc2119.txt"), server.Url);
        BitsUploadResult result = await job.RunAsync();

        Assert.That(result.SessionId, Is.EqualTo("{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"));
        Assert.That(Compared(server), Is.EqualTo(new[] { Create, Fragment, Close }));
        Assert.That(server.Heads.Select(head => head[0]), Is.All.EqualTo("BITS_POST /upload/2000mb-rfc2119.txt HTTP/1.1"));
        Assert.That(server.Heads.SelectMany(head => head), Has.None.StartsWith("Transfer-Encoding").And.None.StartsWith("Expect"));
    }

    [Test]
    public async Task A_ping_matches_the_captured_one()
    {
        await using CapturedServer server = new();
        using HttpClient http = new();
        await new BitsUploadClient(http).PingAsync(server.Url);
        Assert.That(Compared(server), Is.EqualTo(new[] { Ping }));
    }

    [Test]
    public async Task The_user_agent_is_that_of_the_library_unless_the_application_sets_its_own()
    {
        await using CapturedServer server = new();
        using HttpClient http = new();
        BitsUploadClient client = new(http);
        await client.PingAsync(server.Url);
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Backup/2.0");
        await client.PingAsync(server.Url);
        Assert.That(
            server.Heads.Select(head => head.Single(line => line.StartsWith("User-Agent", StringComparison.Ordinal))),
            Is.EqualTo(new[] { "User-Agent: BitsClient/0.1.0", "User-Agent: Backup/2.0" }));
    }

    // All headers of each packet, in wire order, without the port, which varies.
    private static IEnumerable<string> Compared(CapturedServer server)
    {
        string host = $"Host: 127.0.0.1:{server.Url.Port}";
        return server.Heads.Select(head => string.Join('\n', head.Skip(1)).Replace(host, "Host: 127.0.0.1", StringComparison.Ordinal));
    }
}
