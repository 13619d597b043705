using BitsClient.ContractTests.Support;
using WireMock.ResponseBuilders;

namespace BitsClient.ContractTests;

/// <summary>An upload-reply: the reply is downloaded between the last fragment and Close-Session.</summary>
public sealed class ReplyTests
{
    [TestCase("/replies/1.bin", "/replies/1.bin")]
    [TestCase(@"BITS-Sessions\Replies\{B7E6F3A5}\responsefile.bin", "/uploads/BITS-Sessions/Replies/{B7E6F3A5}/responsefile.bin")]
    public async Task The_reply_is_downloaded_from_BITS_Reply_URL_before_the_session_is_closed(string replyUrl, string path)
    {
        byte[] reply = [3, 1, 4, 1, 5, 9, 2, 6];
        using MockServer server = new();
        using Uploader uploader = new();
        server.On("Fragment", "bytes 2000-2999/3000").RespondWith(
            MockServer.Ack().WithHeader("BITS-Received-Content-Range", "3000").WithHeader("BITS-Reply-URL", replyUrl));
        server.OnGet(path).RespondWith(Response.Create().WithStatusCode(200).WithBody(reply));
        using MemoryStream received = new();
        BitsUploadResult result = await uploader.UploadAsync(server, BitsReplyTarget.ToStream(received, leaveOpen: true));

        Assert.That(server.Packets, Is.EqualTo(new[] { "Create-Session", "Fragment", "Fragment", "Fragment", "GET", "Close-Session" }));
        Assert.That(MockServer.Head(server.Requests[4]), Is.EqualTo($"GET {path}"));
        Assert.That(received.ToArray(), Is.EqualTo(reply));
        Assert.That(result.Reply!.Length, Is.EqualTo(reply.Length));
    }
}
