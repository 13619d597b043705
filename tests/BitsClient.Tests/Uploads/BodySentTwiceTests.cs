using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>
/// A handler can read a body again, for example to authenticate. Whether the file may be complete depends on the most that was ever sent.
/// </summary>
public sealed class BodySentTwiceTests
{
    private static readonly BitsUploadOptions OneFragment = new()
    {
        FixedFragmentSize = 10_000,
        ProgressInterval = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromMinutes(2),
        ResponseTimeout = TimeSpan.FromMinutes(5),
        Retry = { MaxRetries = 0 },
        ResendPolicy = BitsResendPolicy.Resynchronize,
    };

    [Test]
    public async Task A_file_sent_in_full_may_be_complete_although_the_connection_broke_the_second_time()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(5000));
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new Pieces(rig.File)), UploadRig.Url);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.MayBeComplete);
    }

    [Test]
    public async Task A_file_sent_in_full_may_be_complete_although_the_source_ended_early_the_second_time()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        Pieces stream = new(rig.File) { EndOfSecondPass = 5000 };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        BitsSourceChangedException e = Assert.ThrowsAsync<BitsSourceChangedException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("ends at byte 5000"));
        Assert.That(e.Checkpoint!.MayBeComplete);
    }

    [Test]
    public async Task Bytes_sent_twice_count_twice_as_sent_and_restart_the_timeout()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new Pieces(rig.File)), UploadRig.Url);
        List<long> sent = [];
        Task<BitsUploadResult> running = job.RunAsync(new ProgressHandler(report => sent.Add(report.BytesSent)));
        await gate.ReachedByAsync(running);
        // Everything was sent, and the timeout for the ack runs.
        await rig.Time.WhenArmed(OneFragment.ResponseTimeout);
        gate.Release();
        await running;
        Assert.That(sent, Is.Ordered);
        Assert.That(sent[^1], Is.EqualTo(20_000));
    }

    /// <summary>Reads each body once before it is sent.</summary>
    private sealed class BodyRepeater : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                await content.CopyToAsync(Stream.Null, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Returns 1000 bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes) : MemoryStream(bytes)
    {
        private bool _wasRead;

        public int EndOfSecondPass { get; init; } = bytes.Length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            bool isOver = _wasRead && Position == EndOfSecondPass;
            int read = isOver ? 0 : Read(buffer.Span[..Math.Min(buffer.Length, 1000)]);
            _wasRead |= Position == Length;
            return ValueTask.FromResult(read);
        }
    }
}
