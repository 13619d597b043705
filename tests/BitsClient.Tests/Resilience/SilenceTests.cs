using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Resilience;

/// <summary>Silence ends an attempt, but not the upload.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class SilenceTests(BitsServerDialect dialect)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly BitsUploadOptions Defaults = new();

    [Test]
    public void The_limits_are_those_of_the_protocol() =>
        Assert.That((Defaults.StallTimeout, Defaults.ResponseTimeout), Is.EqualTo((TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5))));

    [Test]
    public async Task The_last_ack_may_take_up_to_ResponseTimeout()
    {
        using UploadRig rig = new(dialect);
        TimeSpan late = Defaults.ResponseTimeout - Second;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DelayAnswer(late, rig.Time), occurrence: 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await rig.Time.WhenArmed(late);
        rig.Time.Advance(late);

        BitsUploadResult result = await running;
        Assert.That((result.Retries, result.Elapsed), Is.EqualTo((0, late)));
    }

    [Test]
    public async Task A_last_ack_after_ResponseTimeout_is_a_failed_attempt_and_the_retry_finds_the_file_complete()
    {
        using UploadRig rig = new(
            dialect, new BitsUploadOptions { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 1000 });
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(30);
        TimeSpan tooLate = Defaults.ResponseTimeout + Second;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DelayAnswer(tooLate, rig.Time), occurrence: 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await rig.Time.WhenArmed(tooLate);
        rig.Time.Advance(Defaults.ResponseTimeout);

        BitsUploadResult result = await running;
        int probes = dialect is BitsServerDialect.Win32 ? 2 : 1;
        Assert.That((result.Retries, result.BytesResent), Is.EqualTo((1, (long)probes)));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_body_without_progress_for_StallTimeout_is_abandoned_and_sent_again()
    {
        using UploadRig rig = new(
            dialect, new BitsUploadOptions { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 1000 });
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(30);
        BitsGate gate = rig.Server.HoldBody(occurrence: 3, afterBytes: 300);
        await using IBitsUploadJob job = rig.Client.CreateJob(new ShortReads(rig.File, most: 100), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Time.Advance(Defaults.StallTimeout - Second);
        Assert.That(rig.Packets(), Does.Not.Contain("aborted"));
        rig.Time.Advance(Second);

        BitsUploadResult result = await running;
        Assert.That(result.Retries, Is.EqualTo(1));
        Assert.That(rig.Packets(), Does.StartWith("Create-Session, Fragment, Fragment, Fragment (aborted), Fragment, "));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        rig.Server.AssertNoViolations();
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "HttpClient does not say there that it was its timeout.")]
    public async Task A_shorter_HttpClient_timeout_logs_a_warning_and_is_a_failure_when_it_elapses()
    {
        using UploadRig rig = new(dialect);
        using HttpClient http = new(rig.Server.CreateHandler()) { Timeout = TimeSpan.FromMilliseconds(50) };
        BitsUploadClient client = new(http, new BitsUploadOptions { Retry = { MaxRetries = 0 } }, rig.Logs, rig.Time);
        Assert.That(
            rig.Logs.Entries.Single(entry => entry.Level == LogLevel.Warning).Text,
            Does.Contain("00:00:00.0500000").And.Contain("InfiniteTimeSpan"));

        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.NeverAnswer());
        using CancellationTokenSource never = new();
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url);
        BitsUploadException failure = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync(cancellationToken: never.Token))!;
        Assert.That(failure.IsTransient, Is.True);
        Assert.That(failure.Message, Does.Contain("the HttpClient.Timeout of 0.05 s elapsed. Set it to Timeout.InfiniteTimeSpan"));
        Assert.That(failure.InnerException, Is.InstanceOf<OperationCanceledException>().With.InnerException.TypeOf<TimeoutException>());
        Assert.That(failure.Checkpoint, Is.Not.Null);
    }

    [Test]
    public void An_HttpClient_without_a_timeout_logs_no_warning()
    {
        using UploadRig rig = new(dialect);
        Assert.That(rig.Logs.Entries, Is.Empty);
    }
}
