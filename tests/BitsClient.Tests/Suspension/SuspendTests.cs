using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Suspension;

/// <summary>A suspended upload sends nothing, keeps its session, and resumes at the server's offset.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class SuspendTests(BitsServerDialect dialect)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    [Test]
    public async Task A_fragment_that_ends_within_a_second_is_finished_and_a_Ping_precedes_the_next()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        List<BitsUploadStatus> statuses = [];
        Task<BitsUploadResult> running = job.RunAsync(new ProgressHandler(report => statuses.Add(report.Status)));
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(Grace);
        Assert.That(suspending.IsCompleted, Is.False);
        gate.Release();
        await suspending;
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        Assert.That(running.IsCompleted, Is.False);
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment"));

        await job.ResumeAsync();
        BitsUploadResult result = await running;
        Assert.That(rig.Packets(), Does.StartWith("Create-Session, Fragment, Fragment, Fragment, Ping, Fragment, "));
        Assert.That(result.BytesResent, Is.Zero);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(statuses, Has.Member(BitsUploadStatus.Suspended));
    }

    [Test]
    public async Task A_fragment_that_takes_longer_is_abandoned_and_a_probe_finds_the_servers_offset()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldBody(3, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        await SuspendedAfterGrace(rig, job);
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment (aborted)"));

        await job.ResumeAsync();
        BitsUploadResult result = await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(result.BytesResent, Is.InRange(1, 1001), "the fragment in flight and a probe");
        Assert.That(rig.Server.Dialogue[5].RequestHeader("Content-Length"), Is.EqualTo("1"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_Create_Session_is_not_abandoned_because_its_ack_carries_the_session_id()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        await SuspendedAfterGrace(rig, job);
        gate.Release();
        await job.ResumeAsync();
        await running;
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1), "no unknown session is left");
    }

    [Test]
    public async Task Once_the_last_byte_is_sent_its_ack_is_awaited()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        await SuspendedAfterGrace(rig, job);
        gate.Release();
        await job.ResumeAsync();
        Assert.That((await running).BytesResent, Is.Zero);
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Ping, Close-Session").Or.EndWith("Fragment, Close-Session"));
    }

    [Test]
    public async Task The_delay_before_a_retry_ends_at_once()
    {
        using UploadRig rig = Rig(Interception.Of("Fragment", HttpStatusCode.ServiceUnavailable, times: 1));
        await using IBitsUploadJob job = rig.CreateJob();
        Signal waiting = new(BitsUploadStatus.TransientError);
        Task<BitsUploadResult> running = job.RunAsync(waiting);
        await waiting.Reached;
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.TransientError));
        await job.SuspendAsync();
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        await job.ResumeAsync();
        await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_suspension_that_is_resumed_within_a_second_abandons_nothing()
    {
        using UploadRig rig = Rig();
        BitsGate gate = rig.Server.HoldBody(3, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(Grace);
        await job.ResumeAsync();
        rig.Time.Advance(Grace);
        gate.Release();
        await suspending;
        Assert.That((await running).BytesResent, Is.Zero);
        Assert.That(rig.Packets(), Does.Not.Contain("aborted"));
    }

    [Test]
    public async Task SuspendAsync_completes_when_the_abandoned_request_has_ended()
    {
        SlowToEnd network = new();
        using UploadRig rig = Rig(network);
        BitsGate gate = rig.Server.HoldBody(3, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(Grace);
        rig.Time.Advance(Grace);
        await network.Ending;
        bool isOverTooSoon = suspending.IsCompleted;
        network.Release();
        await suspending;
        await job.ResumeAsync();
        await running;
        Assert.That(isOverTooSoon, Is.False);
    }

    [Test]
    public async Task A_request_that_fails_during_a_suspension_does_not_end_the_run_even_without_retries_left()
    {
        using UploadRig rig = new(
            dialect, new BitsUploadOptions { FixedFragmentSize = 1000, Retry = new BitsRetryOptions { MaxRetries = 0 } });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 3);
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;
        Assert.That(running.IsCompleted, Is.False);
        await job.ResumeAsync();
        await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_job_suspended_before_its_run_starts_when_it_is_resumed()
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.SuspendAsync();
        Task<BitsUploadResult> running = job.RunAsync();
        Assert.That(rig.Packets(), Is.Empty);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        await job.ResumeAsync();
        await running;
        Assert.That(rig.Packets(), Does.StartWith("Create-Session, Fragment").And.Not.Contain("Ping"));
    }

    [Test]
    public async Task Suspending_and_resuming_twice_is_the_same_as_once()
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await SuspendedInMidFile(rig, job);
        await job.SuspendAsync();
        await job.ResumeAsync();
        await job.ResumeAsync();
        await running;
        await job.SuspendAsync();
        await job.ResumeAsync();
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
        Assert.That(rig.Packets().Split("Ping"), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_cancel_during_a_suspension_ends_the_session()
    {
        using UploadRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await SuspendedInMidFile(rig, job);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Cancel-Session"));
        await job.ResumeAsync();
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Canceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_token_that_fires_during_a_suspension_ends_the_session_too()
    {
        using UploadRig rig = Rig();
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await SuspendedInMidFile(rig, job, cancel.Token);
        await cancel.CancelAsync();
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task Disposing_a_suspended_job_keeps_the_session()
    {
        using UploadRig rig = Rig();
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = await SuspendedInMidFile(rig, job);
        await job.DisposeAsync();
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionKept));
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Suspended));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(() => job.SuspendAsync(), Throws.TypeOf<ObjectDisposedException>());
    }

    // The request in flight takes longer than the grace period.
    private static async Task SuspendedAfterGrace(UploadRig rig, IBitsUploadJob job)
    {
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(Grace);
        rig.Time.Advance(Grace);
        await suspending;
    }

    private static async Task<Task<BitsUploadResult>> SuspendedInMidFile(
        UploadRig rig, IBitsUploadJob job, CancellationToken cancellationToken = default)
    {
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancellationToken);
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;
        return running;
    }

    private UploadRig Rig(params DelegatingHandler[] handlers)
    {
        BitsUploadOptions options = new()
        {
            MinFragmentSize = 10,
            InitialFragmentSize = 1000,
            MaxFragmentSize = 1000,
            ProgressInterval = TimeSpan.Zero,
        };

        return new UploadRig(dialect, options, handlers);
    }

    private sealed class Signal(BitsUploadStatus status) : IProgress<BitsUploadProgress>
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Report(BitsUploadProgress value)
        {
            if (value.Status == status)
            {
                _reached.TrySetResult();
            }
        }
    }

    /// <summary>A connection that is slow to end an abandoned request.</summary>
    private sealed class SlowToEnd : DelegatingHandler
    {
        private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ending => _ending.Task;

        public void Release() => _release.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _ending.SetResult();
                await _release.Task;
                throw;
            }
        }
    }
}
