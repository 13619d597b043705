using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>A request was sent once it has a connection, and not before: the handler may let it wait for a free one for any time.</summary>
public sealed class WaitingForConnectionTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Test]
    public async Task A_packet_that_waits_is_withheld_by_a_cancel_and_nothing_was_started()
    {
        Pool pool = new("Create-Session");
        using UploadRig rig = new(handlers: pool);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await pool.Waiting.Task;
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());

        pool.Free.SetResult();
        await pool.Ended.Task;
        Assert.That(rig.Packets(), Is.Empty, "it must not be sent after the cancel");
    }

    [Test]
    public async Task No_silence_is_measured_while_a_packet_waits()
    {
        Pool pool = new("Fragment");
        using UploadRig rig = new(options: Options(noProgress: Hour * 2), handlers: pool);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await pool.Waiting.Task;
        rig.Time.Advance(Hour);
        pool.Free.SetResult();
        Assert.That((await running).Retries, Is.Zero);
    }

    [Test]
    public async Task The_wait_counts_as_time_without_progress_and_has_its_own_words()
    {
        Pool pool = new("Fragment");
        using UploadRig rig = new(options: Options(noProgress: Hour), handlers: pool);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await pool.Waiting.Task;
        rig.Time.Advance(Hour);
        BitsUploadStalledException e = Assert.ThrowsAsync<BitsUploadStalledException>(() => running)!;
        Assert.That(e.Message, Does.Contain("waiting for a free connection"));
        Assert.That(e.InnerException, Is.Null, "nothing failed");
    }

    [Test]
    public async Task A_wait_that_has_ended_does_not_count_later()
    {
        Pool pool = new("Fragment");
        using UploadRig rig = new(options: Options(noProgress: Hour), handlers: pool);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await pool.Waiting.Task;
        rig.Time.Advance(Hour - TimeSpan.FromSeconds(1));
        pool.Free.SetResult();
        await gate.ReachedByAsync(running);
        rig.Time.Advance(TimeSpan.FromMinutes(4));
        gate.Release();
        Assert.That((await running).Retries, Is.Zero);
    }

    [Test]
    public async Task The_wait_does_not_make_fragments_smaller()
    {
        Pool pool = new("Fragment");
        BitsUploadOptions options = new()
        {
            MinFragmentSize = 1000,
            InitialFragmentSize = 1000,
            TargetFragmentDuration = TimeSpan.FromSeconds(10),
        };
        using UploadRig rig = new(options: options, handlers: pool);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await pool.Waiting.Task;
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        pool.Free.SetResult();
        Assert.That((await running).Fragments, Is.EqualTo(2), "of 1000 and 9000 bytes");
    }

    [Test]
    public async Task A_ping_waits_no_longer_than_ResponseTimeout()
    {
        Pool pool = new("Ping");
        using UploadRig rig = new(options: Options(noProgress: Hour), handlers: pool);
        Task ping = rig.Client.PingAsync(UploadRig.Url);
        await pool.Waiting.Task;
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(() => ping, Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Timeout));
    }

    private static BitsUploadOptions Options(TimeSpan noProgress) => new()
    {
        FixedFragmentSize = 1000,
        StallTimeout = TimeSpan.FromMinutes(2),
        ResponseTimeout = TimeSpan.FromMinutes(5),
        NoProgressTimeout = noProgress,
    };

    /// <summary>Lets the first packet of a type wait until a connection is free, and ignores the token meanwhile.</summary>
    private sealed class Pool(string packetType) : DelegatingHandler
    {
        private bool _hasWaited;

        public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Free { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_hasWaited || Interception.TypeOf(request) != packetType)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            _hasWaited = true;
            Waiting.SetResult();
            try
            {
                await Free.Task.WaitAsync(cancellationToken);
                return await base.SendAsync(request, CancellationToken.None);
            }
            finally
            {
                Ended.SetResult();
            }
        }
    }
}
