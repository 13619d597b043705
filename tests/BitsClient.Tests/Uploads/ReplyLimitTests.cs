using System.Text;
using BitsClient.Testing;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;
using BitsClient.Tests.Transport;

namespace BitsClient.Tests.Uploads;

/// <summary>A reply ends in bounded time, is complete, and has a target of its own.</summary>
public sealed class ReplyLimitTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(300_000);

    [Test]
    public async Task A_reply_that_drips_ends_after_NoProgressTimeout()
    {
        using FarmRig rig = Rig(bytesPerMinute: 1);
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        BitsUploadStalledException e = Assert.ThrowsAsync<BitsUploadStalledException>(() => job.RunAsync())!;
        Assert.That(e.Message, Is.EqualTo("The download of the reply made no progress for 15 minutes."));
        Assert.That(e.Checkpoint!.ReplyUrl, Is.Not.Null, "it can be resumed");
        Assert.That(stream.Length, Is.GreaterThan(10).And.LessThan(1000));
    }

    [Test]
    public async Task A_slow_connection_may_take_longer_than_NoProgressTimeout()
    {
        using FarmRig rig = Rig(bytesPerMinute: 5000);
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        await job.RunAsync();
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_chunked_reply_that_is_cut_short_is_an_error()
    {
        await using RawServer server = new(() =>
            [Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nreply\r\n")])
        {
            HangsUp = true,
        };
        using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, new BitsUploadOptions { Retry = { MaxRetries = 0 } });
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = server.Url,
            SessionId = "{1}",
            BytesAcknowledged = 1,
            BytesTotal = 1,
            ExpectsReply = true,
            ReplyUrl = server.Url,
        };
        using MemoryStream stream = new();
        await using IBitsUploadJob job = client.ResumeJob(
            checkpoint, BitsUploadSource.FromMemory(new byte[1]), BitsReplyTarget.ToStream(stream, leaveOpen: true));
        Assert.That(() => job.RunAsync(), Throws.InstanceOf<BitsUploadException>());
    }

    [Test]
    public async Task A_target_that_belongs_to_another_job_is_refused_and_not_disposed()
    {
        using FarmRig rig = Rig(bytesPerMinute: Reply.Length);
        using MemoryStream stream = new();
        BitsReplyTarget target = BitsReplyTarget.ToStream(stream);
        await using IBitsUploadJob first = rig.CreateJob(reply: target);
        using MemoryStream source = new(new byte[10]);
        Assert.That(
            () => rig.Client.CreateJob(BitsUploadSource.FromStream(source), UploadRig.Url, target),
            Throws.ArgumentException.With.Message.Contains("belongs to another job"));
        Assert.That(
            () => rig.Client.ResumeJob(
                new BitsUploadCheckpoint
                {
                    Url = UploadRig.Url,
                    SessionId = "{1}",
                    BytesAcknowledged = 1,
                    BytesTotal = 1,
                    ExpectsReply = true,
                },
                BitsUploadSource.FromMemory(new byte[1]),
                target),
            Throws.ArgumentException.With.Message.Contains("belongs to another job"));
        Assert.That((source.CanRead, stream.CanWrite), Is.EqualTo((false, true)), "only the source is disposed");
        using MemoryStream found = new(new byte[10]);
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(BitsUploadSource.FromStream(found), UploadRig.Url, target),
            Throws.ArgumentException.With.Message.Contains("belongs to another job"));
        using MemoryStream saved = new(new byte[10]);
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(States.Least, BitsUploadSource.FromStream(saved), target),
            Throws.ArgumentException.With.Message.Contains("belongs to another job"));
        Assert.That((found.CanRead, saved.CanRead, stream.CanWrite), Is.EqualTo((false, false, true)));
        await first.RunAsync();
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public void What_was_given_is_disposed_if_there_is_no_job()
    {
        using FarmRig rig = Rig(bytesPerMinute: 1);
        using MemoryStream source = new(new byte[10]);
        using MemoryStream reply = new();
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(
                BitsUploadSource.FromStream(source), new Uri("ftp://bits.test/f"), BitsReplyTarget.ToStream(reply)),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("url"));
        Assert.That((source.CanRead, reply.CanWrite), Is.EqualTo((false, false)));
        using MemoryStream saved = new(new byte[10]);
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(
                States.Least with { ExpectsReply = true, ReplyPath = "" }, BitsUploadSource.FromStream(saved)),
            Throws.ArgumentException);
        Assert.That(saved.CanRead, Is.False);
    }

    private static FarmRig Rig(int bytesPerMinute)
    {
        FarmRig? rig = null;
        void Slow(HttpResponseMessage response)
        {
            response.Content = new StreamContent(new SlowBody(bytesPerMinute, () => rig!.Time.Advance(TimeSpan.FromMinutes(1))));
        }

        return rig = new FarmRig(
            new BitsTestServerOptions { Reply = _ => Reply },
            new BitsUploadOptions { FixedFragmentSize = 1000 },
            Alteration.OfReplies(Slow));
    }

    /// <summary>The body of a reply, of which some bytes arrive each minute.</summary>
    private sealed class SlowBody(int bytesPerMinute, Action minutePasses) : MemoryStream(Reply)
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            minutePasses();
            cancellationToken.ThrowIfCancellationRequested();
            return Read(buffer.Span[..Math.Min(buffer.Length, bytesPerMinute)]);
        }
    }
}
