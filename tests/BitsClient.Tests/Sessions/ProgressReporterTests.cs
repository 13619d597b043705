using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.Tests.Sessions;

/// <summary>When a progress report is made, and what it contains. The test moves the clock.</summary>
public sealed class ProgressReporterTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly UploadState Fresh = new()
    {
        Url = new Uri("http://host/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10 }.Checked("options")),
        Total = 100,
        Sizing = new FragmentSizing { Size = 10 },
    };

    private static readonly UploadState Created = Fresh with { Session = new OpenSession { Id = "id" } };

    private static readonly UploadState Underway = Created with { Session = Created.Session! with { Offset = 1, Acknowledged = 1 } };

    private static readonly UploadState Complete = Created with
    {
        Session = Created.Session! with { Offset = 100, Acknowledged = 100 },
        Tally = Created.Tally with { BytesSent = 100 },
    };

    private readonly List<BitsUploadProgress> _reports = [];
    private ManualTimeProvider _time = null!;
    private ProgressReporter _reporter = null!;

    [SetUp]
    public void Begin()
    {
        _reports.Clear();
        _time = new ManualTimeProvider();
        _reporter = new ProgressReporter(new Sink(_reports.Add), Second, _time, NullLogger.Instance);
    }

    [TearDown]
    public async Task EndAsync() => await _reporter.DisposeAsync();

    [Test]
    public void The_status_says_how_far_the_upload_is()
    {
        Assert.That(ProgressReporter.StatusOf(Fresh), Is.EqualTo(BitsUploadStatus.Connecting));
        Assert.That(ProgressReporter.StatusOf(Created), Is.EqualTo(BitsUploadStatus.Transferring));
        Assert.That(ProgressReporter.StatusOf(Complete), Is.EqualTo(BitsUploadStatus.Transferred));
        Assert.That(ProgressReporter.StatusOf(Complete with { WantsReply = true }), Is.EqualTo(BitsUploadStatus.DownloadingReply));
        Assert.That(ProgressReporter.StatusOf(Complete with { Closed = true }), Is.EqualTo(BitsUploadStatus.Acknowledged));
        Assert.That(ProgressReporter.StatusOf(Created with { Canceled = true }), Is.EqualTo(BitsUploadStatus.Canceled));
    }

    [Test]
    public async Task The_end_waits_for_a_handler_on_another_thread_and_its_last_report_comes_after_that_one()
    {
        using ManualResetEventSlim release = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<BitsUploadStatus> statuses = [];
        await using ProgressReporter reporter = new(
            new Sink(report =>
            {
                entered.TrySetResult();
                release.Wait();
                statuses.Add(report.Status);
            }),
            TimeSpan.Zero, _time, NullLogger.Instance);
        Task first = Task.Run(() => reporter.Reached(Created));
        await entered.Task;
        reporter.Sent(1);
        reporter.Complete(Complete with { Closed = true });
        Task ending = reporter.DisposeAsync().AsTask();
        Assert.That(ending.IsCompleted, Is.False);
        release.Set();
        await ending;
        await first;
        Assert.That(statuses, Is.EqualTo(new[] { BitsUploadStatus.Transferring, BitsUploadStatus.Acknowledged }));
    }

    [Test]
    public async Task The_end_of_an_upload_that_failed_waits_for_the_handler_too_and_drops_the_report_that_waits()
    {
        using ManualResetEventSlim release = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int reports = 0;
        await using ProgressReporter reporter = new(
            new Sink(_ =>
            {
                entered.TrySetResult();
                release.Wait();
                reports++;
            }),
            TimeSpan.Zero, _time, NullLogger.Instance);
        Task first = Task.Run(() => reporter.Reached(Created));
        await entered.Task;
        reporter.Sent(1);
        Task ending = reporter.DisposeAsync().AsTask();
        Assert.That(ending.IsCompleted, Is.False);
        release.Set();
        await ending;
        Assert.That(reports, Is.EqualTo(1));
        await first;
    }

    [Test]
    public async Task The_end_does_not_wait_for_a_timer_whose_callback_never_returns()
    {
        ProgressReporter reporter = new(new Sink(_reports.Add), Second, new StuckTimers(), NullLogger.Instance);
        reporter.Reached(Created);
        await reporter.DisposeAsync();
        Assert.That(_reports, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_handler_that_never_returns_delays_the_end_for_five_seconds()
    {
        using LogCollector logs = new();
        using ManualResetEventSlim release = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ProgressReporter reporter = new(
            new Sink(_ =>
            {
                entered.TrySetResult();
                release.Wait();
            }),
            TimeSpan.Zero, _time, logs.Logger);
        Task first = Task.Run(() => reporter.Reached(Created));
        await entered.Task;
        reporter.Complete(Complete);
        Task ending = reporter.DisposeAsync().AsTask();
        await _time.WhenArmed(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        await ending;
        release.Set();
        await first;
        Assert.That(logs.Entries.Select(entry => entry.Text), Has.One.Contains("00:00:05"));
    }

    [Test]
    public void A_report_that_comes_too_early_is_made_once_after_the_interval_with_the_newest_values()
    {
        _reporter.Reached(Created);
        _time.Advance(Second / 4);
        _reporter.Sent(3);
        _time.Advance(Second / 4);
        _reporter.Sent(4);
        _time.Advance((Second / 2) - Millisecond);
        Assert.That(_reports, Has.Count.EqualTo(1), "the interval is not over");

        _time.Advance(Millisecond);
        Assert.That(_reports, Has.Count.EqualTo(2));
        Assert.That(_reports[^1].BytesSent, Is.EqualTo(7));
        _time.Advance(Second * 10);
        Assert.That(_reports, Has.Count.EqualTo(2), "there was nothing more to report");
    }

    [Test]
    public async Task A_report_that_waits_sets_its_timer_once_however_often_bytes_are_sent()
    {
        WatchedTimers timers = new(_time);
        await using ProgressReporter reporter = new(new Sink(_reports.Add), Second, timers, NullLogger.Instance);
        reporter.Reached(Created);
        reporter.Sent(1);
        reporter.Sent(1);
        Assert.That(timers.Settings, Is.EqualTo(1));
    }

    [Test]
    public void After_a_late_report_the_next_one_can_be_late_again()
    {
        _reporter.Reached(Created);
        _reporter.Sent(3);
        _time.Advance(Second);
        _reporter.Sent(4);
        _time.Advance(Second);
        Assert.That(_reports.Select(report => report.BytesSent), Is.EqualTo(new[] { 0L, 3, 7 }));
    }

    [Test]
    public void A_report_is_made_at_once_when_the_one_before_is_an_interval_old()
    {
        _reporter.Reached(Created);
        _time.Advance(Second);
        _reporter.Sent(3);
        Assert.That(_reports, Has.Count.EqualTo(2));
    }

    [Test]
    public void Bytes_in_flight_are_counted_until_the_session_counts_them_itself()
    {
        _reporter.Reached(Created);
        _reporter.Sent(10);
        _time.Advance(Second);
        _reporter.Reached(Created with
        {
            Session = Created.Session! with { Offset = 10, Acknowledged = 10 },
            Tally = Created.Tally with { BytesSent = 10 },
        });
        _time.Advance(Second);
        Assert.That(_reports.Select(report => report.BytesSent), Is.EqualTo(new[] { 0L, 10, 10 }));
    }

    [Test]
    public void The_fraction_grows_with_the_bytes_in_flight_and_does_not_fall_when_their_fragment_fails()
    {
        _reporter.Reached(Created);
        _time.Advance(Second);
        _reporter.Sent(10);
        _time.Advance(Second);
        _reporter.Failed(Created, new BitsUploadException("busy"), Second);
        _time.Advance(Second);
        _reporter.Sent(4);
        _time.Advance(Second);
        _reporter.Sent(7);
        Assert.That(_reports.Select(report => report.BytesInFlight), Is.EqualTo(new[] { 0L, 10, 0, 4, 11 }));
        Assert.That(_reports.Select(report => report.Fraction), Is.EqualTo(new[] { 0, 0.1, 0.1, 0.1, 0.11 }));
    }

    [Test]
    public void The_fraction_begins_anew_with_a_session()
    {
        _reporter.Reached(Created);
        _time.Advance(Second);
        _reporter.Sent(10);
        _time.Advance(Second);
        _reporter.Reached(Created with { Ledger = Created.Ledger with { Replaced = 1 } });
        Assert.That(_reports[^1].Fraction, Is.Zero);
    }

    [Test]
    public void The_fraction_is_one_only_after_the_last_ack()
    {
        _reporter.Reached(Created);
        _time.Advance(Second);
        _reporter.Sent(100);
        Assert.That(_reports[^1].Fraction, Is.LessThan(1).And.GreaterThan(0.999));
        _time.Advance(Second);
        _reporter.Reached(Complete);
        Assert.That(_reports[^1].Fraction, Is.EqualTo(1));
    }

    [Test]
    public async Task A_bar_moves_every_second_while_a_fragment_of_8_MB_is_sent_at_300_KB_per_second()
    {
        const int Piece = 128 * 1024;
        UploadState large = Created with
        {
            Total = 80_000_000,
            Session = Created.Session! with { Offset = 1_000_000, Acknowledged = 1_000_000 },
        };
        await using ProgressReporter reporter = new(
            new Sink(_reports.Add), new BitsUploadOptions().ProgressInterval, _time, NullLogger.Instance);
        reporter.Reached(large);
        for (int sent = Piece; sent <= 8_000_000; sent += Piece)
        {
            int before = _reports.Count;
            _time.Advance(Second * (Piece / 300_000.0));
            reporter.Sent(Piece);
            Assert.That(_reports, Has.Count.GreaterThan(before));
        }

        Assert.That(_reports.Select(report => report.Fraction), Is.Ordered.And.Unique);
        Assert.That(_reports[^1].EstimatedTimeRemaining, Is.EqualTo(TimeSpan.FromSeconds(71_004_608 / 300_000.0)).Within(Second));
    }

    [Test]
    public void The_rate_starts_with_the_first_measurement_and_is_then_smoothed()
    {
        _reporter.Reached(Underway);
        _time.Advance(Second * 2);
        _reporter.Sent(200);
        Assert.That(_reports[^1].BytesPerSecond, Is.EqualTo(100));
        _time.Advance(Second * 5);
        _reporter.Sent(1000);

        // The rate is smoothed over five seconds: after that time, the old rate has a share of 1/e.
        Assert.That(_reports[^1].BytesPerSecond, Is.EqualTo(200 - (100 / Math.E)).Within(0.001));
    }

    [Test]
    public void There_is_no_rate_and_no_time_remaining_while_nothing_is_acknowledged()
    {
        _reporter.Reached(Created);
        _time.Advance(Second * 2);
        _reporter.Sent(200);
        Assert.That((_reports[^1].BytesPerSecond, _reports[^1].EstimatedTimeRemaining), Is.EqualTo((0.0, (TimeSpan?)null)));
    }

    [Test]
    public void A_rate_is_never_negative()
    {
        _reporter.Reached(Underway);
        _time.Advance(Second);
        _reporter.Sent(10);
        _time.Advance(Second * 100);
        _reporter.Failed(Underway, new BitsUploadException("busy"), Second);
        Assert.That(_reports[^1].BytesPerSecond, Is.Zero, "bytes of an abandoned fragment no longer count");
    }

    [Test]
    public void A_failure_is_reported_with_the_numbers_of_the_session_and_the_attempt()
    {
        UploadState retried = Created with
        {
            Budget = Created.Budget with { Retries = 3 },
            Ledger = Created.Ledger with { Replaced = 2 },
        };
        _reporter.Failed(retried, new BitsUploadException("busy"), Second);
        Assert.That(
            _reports[^1],
            Has.Property("Status").EqualTo(BitsUploadStatus.TransientError)
                .And.Property("Session").EqualTo(3).And.Property("Attempt").EqualTo(4).And.Property("RetryDelay").EqualTo(Second));
        _time.Advance(Second);
        _reporter.Reached(retried);
        Assert.That(_reports[^1].RetryDelay, Is.Null);
    }

    [Test]
    public void The_download_of_a_reply_is_reported()
    {
        _reporter.Reached(Complete with { WantsReply = true });
        _time.Advance(Second);
        _reporter.Received(7, 50);
        Assert.That(_reports[^1], Has.Property("ReplyBytes").EqualTo(7).And.Property("ReplyTotal").EqualTo(50));
    }

    [Test]
    public async Task The_last_report_does_not_wait_and_none_follows_it()
    {
        _reporter.Reached(Created);
        _reporter.Complete(Complete with { Closed = true });
        await _reporter.DisposeAsync();
        Assert.That(_reports[^1].Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
        _time.Advance(Second);
        _reporter.Sent(1);
        _reporter.Reached(Created);
        Assert.That(_reports, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task After_the_end_no_late_report_is_made()
    {
        _reporter.Reached(Created);
        _reporter.Sent(1);
        await _reporter.DisposeAsync();
        _time.Advance(Second);
        _reporter.Sent(1);
        Assert.That(_reports, Has.Count.EqualTo(1));
    }

    [Test]
    public void Before_the_first_packet_there_is_nothing_to_report()
    {
        _reporter.Sent(1);
        Assert.That(_reports, Is.Empty);
    }

    private sealed class Sink(Action<BitsUploadProgress> report) : IProgress<BitsUploadProgress>
    {
        public void Report(BitsUploadProgress value) => report(value);
    }

    // As the timers of the system do, whose DisposeAsync waits for the callback that is running.
    private sealed class StuckTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new StuckTimer();

        private sealed class StuckTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // Does not wait.
            }

            public ValueTask DisposeAsync() => new(new TaskCompletionSource().Task);
        }
    }
}
