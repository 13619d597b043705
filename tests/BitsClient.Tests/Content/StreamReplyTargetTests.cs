using System.Net;
using System.Net.Http.Headers;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>A reply that starts over in a stream leaves nothing of the first one, and keeps the bytes before it.</summary>
public sealed class StreamReplyTargetTests
{
    private const int Received = 2000;

    private static readonly byte[] First = UploadRig.Bytes(5000);
    private static readonly byte[] Second = UploadRig.Bytes(600);

    [TestCase(0)]
    [TestCase(7)]
    public async Task A_shorter_reply_that_replaces_a_longer_one_leaves_no_tail_and_keeps_the_bytes_before_it(int start)
    {
        byte[] before = UploadRig.Bytes(start);
        using MemoryStream stream = new();
        stream.Write(before);
        BitsRetryOptions retry = new() { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero };
        Alteration change = Alteration.OfReplies(Alteration.Break(Received), BecomeSecond);
        using FarmRig rig = new(
            new BitsTestServerOptions { Reply = _ => First }, new BitsUploadOptions { FixedFragmentSize = 1000, Retry = retry }, change);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));

        BitsUploadResult result = await job.RunAsync();

        Assert.That(rig.Requests, Has.Exactly(2).EndsWith(" GET"), "the reply was downloaded again");
        Assert.That(stream.Length, Is.EqualTo(start + Second.Length), "no tail of the first reply");
        Assert.That(stream.ToArray(), Is.EqualTo(before.Concat(Second)));
        Assert.That(result.Reply!.Length, Is.EqualTo(Second.Length));
    }

    // The reply has changed: the server sends all of it instead of the requested rest.
    private static void BecomeSecond(HttpResponseMessage response)
    {
        Alteration.Replace(response, Second);
        response.StatusCode = HttpStatusCode.OK;
        response.Headers.ETag = new EntityTagHeaderValue("\"second\"");
        response.Content.Headers.ContentRange = null;
    }
}
