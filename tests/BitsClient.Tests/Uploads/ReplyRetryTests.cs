using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A download requests a range only of a reply that it has a part of, and StallTimeout counts from the last piece.</summary>
public sealed class ReplyRetryTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(3000);

    [Test]
    public async Task A_reply_at_another_URL_starts_over()
    {
        // The session is canceled after the failure, so that the second run has another session with its own reply.
        BitsUploadOptions options = new() { OnFailure = BitsSessionAction.CancelSession, Retry = { MaxRetries = 0 } };
        using FarmRig rig = Rig(options, Alteration.Break(after: 1000));
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>().With.Message.Contains("was interrupted"));
        Assert.That(stream.Length, Is.EqualTo(1000));
        await job.RunAsync();
        Assert.That(Gets(rig).Select(get => get.Url), Is.Unique.And.Exactly(2).Items);
        Assert.That(Gets(rig).Select(get => get.RequestHeader("Range")), Is.All.Null);
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_416_to_a_request_for_the_whole_reply_is_a_refusal()
    {
        BitsUploadOptions options = new() { Retry = { BaseDelay = TimeSpan.Zero } };
        using FarmRig rig = Rig(options, response => response.StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.StatusCode, Is.EqualTo(HttpStatusCode.RequestedRangeNotSatisfiable));
        Assert.That(e.PacketType, Is.EqualTo(BitsPacketType.GetReply));
        Assert.That(Gets(rig), Has.Length.EqualTo(1), "it is not tried again");
    }

    [Test]
    public async Task Each_written_piece_resets_StallTimeout_which_then_elapses()
    {
        BitsUploadOptions options = new()
        {
            StallTimeout = TimeSpan.FromMinutes(2),
            ResponseTimeout = TimeSpan.FromMinutes(5),
            NoProgressTimeout = TimeSpan.FromDays(1),
            Retry = { MaxRetries = 0 },
        };
        TimeSpan tick = TimeSpan.FromTicks(1);
        PacedBody body = new(Reply);
        using FarmRig rig = Rig(options, response => body.Replace(response));
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        Task<BitsUploadResult> running = job.RunAsync();
        await body.AskedAsync(1, running);
        for (int pieces = 1; pieces <= 2; pieces++)
        {
            body.SendPiece();
            await body.AskedAsync(pieces + 1, running);
            Assert.That(stream.Length, Is.EqualTo(pieces * 1000));
            Assert.That(rig.Time.WhenArmed(options.StallTimeout).IsCompleted, $"piece {pieces} resets StallTimeout");
            rig.Time.Advance(options.StallTimeout - tick);
            Assert.That(rig.Time.WhenArmed(tick).IsCompleted, $"after piece {pieces}, the timeout does not elapse too soon");
        }

        rig.Time.Advance(tick);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => running)!;
        Assert.That(e.Message, Does.EndWith("there was no response from the server for 2 minutes."));
        Assert.That((e.IsTransient, e.PacketType), Is.EqualTo((true, BitsPacketType.GetReply)));
    }

    private static FarmRig Rig(BitsUploadOptions options, params Action<HttpResponseMessage>[] changes)
    {
        options.FixedFragmentSize = 1000;
        return new FarmRig(new BitsTestServerOptions { Reply = _ => Reply }, options, Alteration.OfReplies(changes));
    }

    private static BitsExchange[] Gets(FarmRig rig) => [.. rig.Server.Dialogue.Where(exchange => exchange.Method == "GET")];

    /// <summary>The body of a reply, sent in pieces of 1000 bytes when the test says so.</summary>
    private sealed class PacedBody(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly SemaphoreSlim _pieces = new(0);
        private readonly TaskCompletionSource[] _asked =
            [.. Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        private int _reads;

        public void Replace(HttpResponseMessage response)
        {
            response.Content = new StreamContent(this);
            response.Content.Headers.ContentLength = Length;
        }

        public void SendPiece() => _pieces.Release();

        /// <summary>Waits until a piece was requested this many times, which happens after the previous pieces were written.</summary>
        public async Task AskedAsync(int times, Task running)
        {
            Task asked = _asked[times - 1].Task;
            await Task.WhenAny(asked, running);
            Assert.That(asked.IsCompleted, $"the run ended before piece {times} was asked for");
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _asked[_reads++].SetResult();
            await _pieces.WaitAsync(cancellationToken);
            return Read(buffer.Span[..1000]);
        }

        protected override void Dispose(bool disposing)
        {
            _pieces.Dispose();
            base.Dispose(disposing);
        }
    }
}
