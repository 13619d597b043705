using System.Net;
using BitsClient.ContractTests.Support;
using WireMock.ResponseBuilders;

namespace BitsClient.ContractTests;

/// <summary>Answers to Create-Session that end an upload, and the resulting exceptions.</summary>
public sealed class RefusalTests
{
    [Test]
    public void A_403_with_an_error_code_becomes_a_BitsServerException_that_names_the_code()
    {
        using MockServer server = new();
        using Uploader uploader = new();
        server.On("Create-Session").RespondWith(
            MockServer.Ack().WithStatusCode(403).WithHeader("BITS-Error-Code", "0x80070005").WithHeader("BITS-Error-Context", "0x5"));
        BitsServerException refused = Assert.ThrowsAsync<BitsServerException>(() => uploader.UploadAsync(server))!;

        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((refused.ErrorCode, refused.ErrorContext), Is.EqualTo((0x80070005u, 0x5u)));
        Assert.That(refused.ErrorName, Is.EqualTo("E_ACCESSDENIED"));
        Assert.That(refused.Message, Does.Contain("E_ACCESSDENIED"));
        Assert.That(server.Packets, Is.EqualTo(new[] { "Create-Session" }));
    }

    [Test]
    public void A_200_without_BITS_Packet_Type_Ack_becomes_a_BitsProtocolException()
    {
        using MockServer server = new();
        using Uploader uploader = new();
        server.On("Create-Session").RespondWith(
            Response.Create().WithStatusCode(200).WithHeader("BITS-Session-Id", MockServer.SessionId).WithBody("<html>Sign in</html>"));
        BitsProtocolException refused = Assert.ThrowsAsync<BitsProtocolException>(() => uploader.UploadAsync(server))!;

        Assert.That(refused.Header, Is.EqualTo("BITS-Packet-Type"));
        Assert.That(server.Packets, Is.EqualTo(new[] { "Create-Session", "Cancel-Session" }), "the answer named a session");
    }
}
