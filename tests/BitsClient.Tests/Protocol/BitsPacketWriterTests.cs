using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsPacketWriterTests
{
    private const string SessionId = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    private static readonly Uri Target = new("http://frankcao8/upload/2000mb-rfc2119.txt");
    private static readonly WireStyle Standard = new(OverridesVerb: false, BitsHeaderNames.UploadProtocol);

    // The BITS headers of MC-BUP 4.1, in the order in which Windows sent them.
    private static HttpContent Nothing => new ByteArrayContent([]);

    [Test]
    public void Create_Session_offers_the_protocol_and_carries_the_name()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.CreateSession("rfc2119.txt"), Target, Nothing, Standard);
        Assert.That(Headers(request), Is.EqualTo(new[]
        {
            "BITS-Packet-Type: Create-Session",
            "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}",
            "Content-Name: rfc2119.txt",
        }));
    }

    [Test]
    public void Fragment_carries_session_name_and_range()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.Fragment(SessionId, "rfc2119.txt", Offset: 0, Length: 4892, Total: 4892),
            Target,
            new ByteArrayContent(new byte[4892]),
            Standard);
        Assert.That(Headers(request), Is.EqualTo(new[]
        {
            "BITS-Packet-Type: Fragment",
            "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
            "Content-Name: rfc2119.txt",
            "Content-Range: bytes 0-4891/4892",
        }));
    }

    [Test]
    public void Close_Session_carries_session_and_name()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.CloseSession(SessionId, "rfc2119.txt"), Target, Nothing, Standard);
        Assert.That(Headers(request), Is.EqualTo(new[]
        {
            "BITS-Packet-Type: Close-Session",
            "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
            "Content-Name: rfc2119.txt",
        }));
    }

    [Test]
    public void Cancel_Session_carries_only_the_session()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.CancelSession(SessionId), Target, Nothing, Standard);
        Assert.That(Headers(request), Is.EqualTo(new[]
        {
            "BITS-Packet-Type: Cancel-Session",
            "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
        }));
    }

    [Test]
    public void Ping_carries_no_other_header()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(new BitsPacket.Ping(), Target, Nothing, Standard);
        Assert.That(Headers(request), Is.EqualTo(new[] { "BITS-Packet-Type: Ping" }));
    }

    [Test]
    public void A_missing_name_is_omitted()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.CreateSession(ContentName: null), Target, Nothing, Standard);
        Assert.That(request.Headers.Contains("Content-Name"), Is.False);
    }

    [Test]
    public void Every_packet_is_BITS_POST_over_HTTP_1_1_exactly()
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(new BitsPacket.Ping(), Target, Nothing, Standard);
        Assert.That(request.Method.Method, Is.EqualTo("BITS_POST"));
        Assert.That(request.RequestUri, Is.EqualTo(Target));
        Assert.That(request.Version, Is.EqualTo(HttpVersion.Version11));
#if NET
        Assert.That(request.VersionPolicy, Is.EqualTo(HttpVersionPolicy.RequestVersionExact));
#endif
    }

    [TestCase("{a0ff5911-4144-45b3-bf27-27afc8ec8a67}")]
    [TestCase("-896157227658907907")]
    [TestCase("/f.bin")]
    [TestCase("a, b; c=\"d\" ~!*")]
    public void The_session_id_is_sent_back_byte_for_byte(string id)
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(
            new BitsPacket.CancelSession(id), Target, Nothing, Standard);
        Assert.That(request.Headers.GetValues("BITS-Session-Id").Single(), Is.EqualTo(id));
    }

    private static string[] Headers(HttpRequestMessage request) =>
    [
        .. request.Headers.NonValidated.Select(header => $"{header.Key}: {header.Value}"),
        .. request.Content?.Headers.NonValidated
            .Where(header => header.Key is "Content-Range").Select(header => $"{header.Key}: {header.Value}") ?? [],
    ];
}
