using BitsClient.ContractTests.Support;

namespace BitsClient.ContractTests;

/// <summary>The exact packets of a successful upload.</summary>
public sealed class DialogueTests
{
    private const string Create = """
        BITS_POST /uploads/report.bin
        BITS-Packet-Type: Create-Session
        BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}
        Content-Length: 0
        Content-Name: report.bin
        """;

    private const string FirstFragment = """
        BITS_POST /uploads/report.bin
        BITS-Packet-Type: Fragment
        BITS-Session-Id: {b7E6F3a5-5d7A-4C53-9f26-6C7B3C6b4B11}
        Content-Length: 2000
        Content-Name: report.bin
        Content-Range: bytes 0-1999/3000
        """;

    private const string LastFragment = """
        BITS_POST /uploads/report.bin
        BITS-Packet-Type: Fragment
        BITS-Session-Id: {b7E6F3a5-5d7A-4C53-9f26-6C7B3C6b4B11}
        Content-Length: 1000
        Content-Name: report.bin
        Content-Range: bytes 2000-2999/3000
        """;

    private const string Close = """
        BITS_POST /uploads/report.bin
        BITS-Packet-Type: Close-Session
        BITS-Session-Id: {b7E6F3a5-5d7A-4C53-9f26-6C7B3C6b4B11}
        Content-Length: 0
        Content-Name: report.bin
        """;

    [Test]
    public async Task An_upload_sends_these_packets_in_this_order_with_these_headers_and_no_others()
    {
        using MockServer server = new();
        using Uploader uploader = new(new BitsUploadOptions { FixedFragmentSize = 2000 });
        await uploader.UploadAsync(server);

        Assert.That(server.Requests.Select(MockServer.Head), Is.EqualTo(new[] { Create, FirstFragment, LastFragment, Close }));
    }

    [Test]
    public async Task The_ranges_and_bytes_of_the_fragments_add_up_to_the_file()
    {
        using MockServer server = new();
        using Uploader uploader = new(new BitsUploadOptions { FixedFragmentSize = 700 });
        BitsUploadResult result = await uploader.UploadAsync(server);

        string[] expected =
            ["bytes 0-699/3000", "bytes 700-1399/3000", "bytes 1400-2099/3000", "bytes 2100-2799/3000", "bytes 2800-2999/3000"];
        Assert.That(server.Ranges, Is.EqualTo(expected));
        Assert.That(server.Stored, Is.EqualTo(uploader.File));
        Assert.That((result.BytesTransferred, result.BytesResent, result.Fragments), Is.EqualTo((3000, 0, 5)));
    }

    [TestCase("{B7E6F3A5-5D7A-4C53-9F26-6C7B3C6B4B11}")]
    [TestCase("b7e6f3a55d7a4c539f266c7b3c6b4b11")]
    [TestCase("-896157227658907907")]
    [TestCase("/Node 7/f.bin?a=%7B1%7D; b=\"2\", {c}")]
    public async Task The_session_id_is_sent_back_unchanged(string sessionId)
    {
        using MockServer server = new(sessionId);
        using Uploader uploader = new();
        BitsUploadResult result = await uploader.UploadAsync(server);

        Assert.That(server.Packets, Is.EqualTo(new[] { "Create-Session", "Fragment", "Fragment", "Fragment", "Close-Session" }));
        Assert.That(server.SessionIds, Is.EqualTo(Enumerable.Repeat(sessionId, 4)));
        Assert.That(result.SessionId, Is.EqualTo(sessionId));
    }
}
