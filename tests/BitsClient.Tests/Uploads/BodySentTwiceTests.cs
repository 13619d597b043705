using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A handler may ask for a body again, to authenticate for example. What counts is the most that went out at any time.</summary>
public sealed class BodySentTwiceTests
{
    private static readonly BitsUploadOptions OneFragment = new()
    {
        FixedFragmentSize = 10_000,
        ProgressInterval = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromMinutes(2),
        ResponseTimeout = TimeSpan.FromMinutes(5),
        Retry = { MaxRetries = 0 },
    };

    [Test]
    public async Task A_file_that_went_out_whole_may_be_complete_though_the_second_time_the_line_broke()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(5000));
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new Pieces(rig.File)), UploadRig.Url);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.MayBeComplete);
    }

    [Test]
    public async Task A_file_that_went_out_whole_may_be_complete_though_the_second_time_the_source_ended_early()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        Pieces stream = new(rig.File) { EndOfSecondPass = 5000 };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        BitsSourceChangedException e = Assert.ThrowsAsync<BitsSourceChangedException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("ends at byte 5000"));
        Assert.That(e.Checkpoint!.MayBeComplete);
    }

    [Test]
    public async Task Bytes_that_go_out_again_count_once_for_progress_and_for_the_limit_that_is_next()
    {
        using UploadRig rig = new(options: OneFragment, handlers: new BodyRepeater());
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new Pieces(rig.File)), UploadRig.Url);
        Reports reports = new();
        Task<BitsUploadResult> running = job.RunAsync(reports);
        await gate.ReachedByAsync(running);
        // All is sent, and the ack may take its time.
        await rig.Time.WhenArmed(OneFragment.ResponseTimeout);
        gate.Release();
        await running;
        Assert.That(reports.Sent, Is.Ordered);
        Assert.That(reports.Sent[^1], Is.EqualTo(10_000));
    }

    /// <summary>Asks for each body once before it is sent.</summary>
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

    /// <summary>Gives 1000 bytes at a time.</summary>
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

    private sealed class Reports : IProgress<BitsUploadProgress>
    {
        public List<long> Sent { get; } = [];

        public void Report(BitsUploadProgress value) => Sent.Add(value.BytesSent);
    }
}
