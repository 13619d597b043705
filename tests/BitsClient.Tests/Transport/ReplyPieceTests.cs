using System.Net;
using System.Net.Http.Headers;
using BitsClient.Protocol;
using BitsClient.Tests.Support;
using BitsClient.Transport;

namespace BitsClient.Tests.Transport;

/// <summary>
/// A download of ten bytes, one answer after another: which rest it requests, and how it reports an answer that does not fit.
/// </summary>
public sealed class ReplyPieceTests
{
    private const long Limit = 20;

    private static readonly BitsPacket.GetReply Packet = new("the-session", new Uri("http://bits.test/replies/1"));
    private static readonly byte[] Reply = UploadRig.Bytes(10);

    [Test]
    public async Task The_rest_is_requested_after_the_bytes_that_were_written()
    {
        using MemoryStream stream = new();
        ReplyDownload download = Download(stream);
        using HttpResponseMessage first = Whole(received: 4);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => download.ReceiveAsync(first, CancellationToken.None))!;
        AssertTransient(e, "4 of 10");
        using HttpRequestMessage request = download.Request();
        Assert.That($"{request.Headers.Range} {request.Headers.IfRange}", Is.EqualTo("bytes=4- \"tag\""));

        using HttpResponseMessage second = Rest(from: 4);
        await download.ReceiveAsync(second, CancellationToken.None);
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public void The_first_answer_identifies_the_reply_even_if_the_next_has_no_ETag()
    {
        using MemoryStream stream = new();
        ReplyDownload download = Download(stream);
        using HttpResponseMessage first = Whole(received: 4);
        Assert.That(() => download.ReceiveAsync(first, CancellationToken.None), Throws.TypeOf<BitsUploadException>());
        using HttpResponseMessage second = Rest(from: 4, to: 7);
        second.Headers.ETag = null;
        Assert.That(
            () => download.ReceiveAsync(second, CancellationToken.None),
            Throws.TypeOf<BitsUploadException>().With.Message.Contains("7 of 10"));
        using HttpRequestMessage request = download.Request();
        Assert.That($"{request.Headers.Range} {request.Headers.IfRange}", Is.EqualTo("bytes=7- \"tag\""));
    }

    [Test]
    public void The_whole_reply_is_requested_again_if_nothing_of_it_was_written()
    {
        using MemoryStream stream = new();
        ReplyDownload download = Download(stream);
        using HttpResponseMessage first = Whole(received: 0);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => download.ReceiveAsync(first, CancellationToken.None))!;
        AssertTransient(e, "0 of 10");
        using HttpRequestMessage request = download.Request();
        Assert.That(
            (request.Headers.Range, request.Headers.IfRange),
            Is.EqualTo(((RangeHeaderValue?)null, (RangeConditionHeaderValue?)null)));
    }

    [Test]
    public async Task The_whole_reply_is_requested_again_while_a_write_has_not_ended()
    {
        using HangingStream stream = new();
        ReplyDownload download = Download(stream);
        using HttpResponseMessage first = Whole(received: 4);
        Assert.That(() => download.ReceiveAsync(first, CancellationToken.None), Throws.TypeOf<BitsUploadException>());
        stream.Hangs = true;
        using CancellationTokenSource abandon = new();
        using HttpResponseMessage second = Rest(from: 4);
        Task receiving = download.ReceiveAsync(second, abandon.Token);
        await Task.WhenAny(stream.Writing.Task, receiving);
        Assert.That(download.IsWriting, Is.True);
        await abandon.CancelAsync();
        Assert.That(() => receiving, Throws.InstanceOf<OperationCanceledException>());

        using HttpRequestMessage request = download.Request();
        Assert.That(request.Headers.Range, Is.Null, "nobody knows yet whether the bytes are written");
        Assert.That(download.Length, Is.Zero);
    }

    [Test]
    public void The_rest_of_another_reply_is_reported_and_discarded()
    {
        using MemoryStream stream = new();
        ReplyDownload download = Download(stream);
        using HttpResponseMessage first = Whole(received: 4);
        Assert.That(() => download.ReceiveAsync(first, CancellationToken.None), Throws.TypeOf<BitsUploadException>());
        using HttpResponseMessage other = Rest(from: 5);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => download.ReceiveAsync(other, CancellationToken.None))!;
        AssertTransient(e, "changed");
        Assert.That(download.Length, Is.Zero);
    }

    [Test]
    public void A_rest_that_the_server_does_not_have_is_reported()
    {
        using MemoryStream stream = new();
        BitsUploadException e = Assert.Throws<BitsUploadException>(() => Download(stream).RefuseRange())!;
        AssertTransient(e, "rest of the reply");
    }

    [Test]
    public void A_reply_that_is_too_large_is_a_violation()
    {
        using MemoryStream stream = new();
        using HttpResponseMessage large = Whole(received: 0);
        large.Content.Headers.ContentLength = Limit + 1;
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(
            () => Download(stream).ReceiveAsync(large, CancellationToken.None))!;
        Assert.That(e.Message, Does.Contain("21 bytes").And.Contain("MaxReplySize").And.Contain("20"));
        Assert.That(
            (e.Url, e.SessionId, e.PacketType, e.IsTransient),
            Is.EqualTo((Packet.Url, Packet.SessionId, BitsPacketType.GetReply, false)));
    }

    private static ReplyDownload Download(Stream stream) =>
        new(Packet, BitsReplyTarget.ToStream(stream, leaveOpen: true), Limit, static _ => { });

    private static void AssertTransient(BitsUploadException e, string words)
    {
        Assert.That(e.Message, Does.Contain(words));
        Assert.That(
            (e.Url, e.SessionId, e.PacketType, e.Reason, e.IsTransient),
            Is.EqualTo((Packet.Url, Packet.SessionId, BitsPacketType.GetReply, BitsFailureReason.Reply, true)));
    }

    // Its connection ends after some of the bytes.
    private static HttpResponseMessage Whole(int received)
    {
        HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent(Reply[..received]) };
        response.Content.Headers.ContentLength = Reply.Length;
        response.Headers.ETag = new EntityTagHeaderValue("\"tag\"");
        return response;
    }

    private static HttpResponseMessage Rest(int from, int to = 10)
    {
        HttpResponseMessage response = new(HttpStatusCode.PartialContent) { Content = new ByteArrayContent(Reply[from..to]) };
        response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, Reply.Length - 1, Reply.Length);
        response.Headers.ETag = new EntityTagHeaderValue("\"tag\"");
        return response;
    }

    private sealed class HangingStream : MemoryStream
    {
        private readonly TaskCompletionSource _never = new();

        public bool Hangs { get; set; }

        public TaskCompletionSource Writing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!Hangs)
            {
                return base.WriteAsync(buffer, CancellationToken.None);
            }

            Writing.TrySetResult();
            return new ValueTask(_never.Task);
        }
    }
}
