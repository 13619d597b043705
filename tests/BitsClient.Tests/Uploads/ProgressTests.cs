using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

public sealed class ProgressTests
{
    [TestCase(50, 200, 0.25)]
    [TestCase(0, 0, 0)]
    public void The_fraction_is_that_of_the_acknowledged_bytes(long acknowledged, long total, double fraction)
    {
        BitsUploadProgress progress = new()
        {
            Status = BitsUploadStatus.Transferring,
            BytesAcknowledged = acknowledged,
            BytesSent = acknowledged,
            BytesResent = 0,
            BytesTotal = total,
            Session = 1,
            Attempt = 1,
            FragmentSize = 1000,
            BytesPerSecond = 0,
        };
        Assert.That(progress.Fraction, Is.EqualTo(fraction));
    }

    [Test]
    public async Task The_last_report_is_complete_and_comes_before_the_run_completes()
    {
        using UploadRig rig = new();
        Recorder recorder = new();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync(recorder);
        Assert.That(recorder.Reports, Has.Count.EqualTo(2), "the clock stood still, so there are only the first and the last");
        Assert.That(
            recorder.Reports[0],
            Has.Property("Status").EqualTo(BitsUploadStatus.Connecting).And.Property("BytesAcknowledged").EqualTo(0));
        Assert.That(recorder.Reports[^1], Is.EqualTo(new BitsUploadProgress
        {
            Status = BitsUploadStatus.Acknowledged,
            BytesAcknowledged = 10_000,
            BytesSent = 10_000,
            BytesResent = 0,
            BytesTotal = 10_000,
            Session = 1,
            Attempt = 1,
            FragmentSize = 1000,
            BytesPerSecond = 0,
            Fraction = 1,
        }));
    }

    [Test]
    public async Task A_transient_failure_is_reported_with_its_reason_until_the_retry()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.Zero };
        using UploadRig rig = new(options: options);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 3);
        Recorder recorder = new();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync(recorder);
        BitsUploadProgress failed = recorder.Reports.Single(report => report.Status is BitsUploadStatus.TransientError);
        Assert.That(failed.Failure, Is.TypeOf<BitsServerException>().With.Message.Contains("503"));
        Assert.That(recorder.Reports.Count(report => report.Failure is not null), Is.EqualTo(1));
    }

    [Test]
    public async Task Reports_are_ProgressInterval_apart_in_order_and_never_ahead_of_the_server()
    {
        UploadRig? rig = null;
        Instants instants = new(_ => rig!.Time.Advance(TimeSpan.FromMilliseconds(50)));
        using (rig = new UploadRig(handlers: instants))
        {
            List<DateTimeOffset> times = [];
            Recorder recorder = new(report =>
            {
                times.Add(rig.Time.GetUtcNow());
                Assert.That(report.BytesAcknowledged, Is.LessThanOrEqualTo(rig.Server.Sessions.SingleOrDefault()?.Received ?? 0));
                Assert.That(report.BytesSent, Is.InRange(report.BytesAcknowledged, 10_000));
            });
            await using IBitsUploadJob job = rig.CreateJob();
            await job.RunAsync(recorder);

            TimeSpan[] pauses = [.. times.Zip(times.Skip(1), (earlier, later) => later - earlier)];
            Assert.That(pauses.SkipLast(1), Is.All.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(250)));
            Assert.That(pauses, Has.Length.GreaterThan(5));
            Assert.That(recorder.Reports.Select(report => report.BytesAcknowledged), Is.Ordered);
            Assert.That(recorder.Reports.Select(report => report.BytesSent), Is.Ordered);
            Assert.That(recorder.Reports.Select(report => report.Status), Is.Ordered);
        }
    }

    [Test]
    public async Task The_rate_and_the_time_left_follow_the_clock()
    {
        UploadRig? rig = null;
        Instants instants = new(_ => rig!.Time.Advance(TimeSpan.FromMilliseconds(250)));
        using (rig = new UploadRig(handlers: instants))
        {
            Recorder recorder = new();
            await using IBitsUploadJob job = rig.CreateJob();
            await job.RunAsync(recorder);

            // Each fragment of 1000 bytes takes four instants of 250 ms.
            BitsUploadProgress half = recorder.Reports.First(report => report.BytesAcknowledged == 5000);
            Assert.That(half.BytesPerSecond, Is.EqualTo(1000).Within(20).Percent);
            Assert.That(half.EstimatedTimeRemaining, Is.EqualTo(TimeSpan.FromSeconds(5)).Within(TimeSpan.FromSeconds(1.5)));
        }
    }

    [Test]
    public async Task BytesAcknowledged_never_decreases_although_the_server_goes_back()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.Zero };
        using UploadRig rig = new(BitsServerDialect.Win32, options);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("1000"), occurrence: 3);
        Recorder recorder = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync(recorder);
        Assert.That(
            rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("Content-Range")),
            Has.Exactly(2).EqualTo("bytes 1000-1999/10000"));
        Assert.That(recorder.Reports.Select(report => report.BytesAcknowledged), Is.Ordered);
        Assert.That(result.BytesResent, Is.EqualTo(1000));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task Sent_bytes_of_a_fragment_are_reported_before_its_ack()
    {
        byte[] file = UploadRig.Bytes(2_000_000);
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1_000_000, ProgressInterval = TimeSpan.Zero });
        Recorder recorder = new();
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(file), UploadRig.Url);
        await job.RunAsync(recorder);
        Assert.That(
            recorder.Reports,
            Has.Some.Matches<BitsUploadProgress>(report => report.BytesAcknowledged == 0 && report.BytesSent is > 0 and < 1_000_000));
    }

    [Test]
    public async Task While_a_packet_is_sent_again_the_status_is_Transferring()
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
        BitsGate again = rig.Server.HoldRequest(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await again.ReachedByAsync(running);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Transferring));
        again.Release();
        await running;
    }

    [Test]
    public async Task A_handler_that_throws_does_not_disturb_the_upload()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync(new Recorder(_ => throw new InvalidOperationException("The handler failed.")));
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
        Assert.That(
            rig.Logs.Entries.Select(entry => entry.Text),
            Has.Some.Contains("The caller's progress handler threw an exception; the upload continues."));
    }

    private sealed class Recorder(Action<BitsUploadProgress>? check = null) : IProgress<BitsUploadProgress>
    {
        public List<BitsUploadProgress> Reports { get; } = [];

        public void Report(BitsUploadProgress value)
        {
            Reports.Add(value);
            check?.Invoke(value);
        }
    }
}
