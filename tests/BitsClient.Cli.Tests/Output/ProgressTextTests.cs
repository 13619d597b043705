using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The text of a progress report.</summary>
public sealed class ProgressTextTests
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;

    [TestCase(0, 4096, "  0% 0 B of 4.0 KiB")]
    [TestCase(1, 4096, "  0% 1 B of 4.0 KiB")]
    [TestCase(1023, 4096, " 24% 1023 B of 4.0 KiB")]
    [TestCase(1024, 4096, " 25% 1.0 KiB of 4.0 KiB")]
    [TestCase(29, 100, " 29% 29 B of 100 B")]
    [TestCase(4095, 4096, " 99% 4.0 KiB of 4.0 KiB", Description = "100% only at the end")]
    [TestCase(4096, 4096, "100% 4.0 KiB of 4.0 KiB")]
    [TestCase(1536 * KiB, 3 * MiB, " 50% 1.5 MiB of 3.0 MiB")]
    [TestCase(5 * 1024 * MiB, 10 * 1024 * MiB, " 50% 5.0 GiB of 10.0 GiB")]
    [TestCase(0, 0, "100% 0 B of 0 B", Description = "an empty reply is complete")]
    public void The_share_is_percent_and_sizes(long bytes, long total, string text) =>
        Assert.That(ProgressText.Share(bytes, total), Is.EqualTo(text));

    [Test]
    public void The_share_of_an_unknown_total_is_its_size() => Assert.That(ProgressText.Share(1024, total: null), Is.EqualTo("1.0 KiB"));

    [TestCase(BitsUploadStatus.Transferring, 0, " 25% 1.0 KiB of 4.0 KiB")]
    [TestCase(BitsUploadStatus.Transferring, 512, " 25% 1.0 KiB of 4.0 KiB, 512 B/s, 0:06 left")]
    [TestCase(BitsUploadStatus.Transferring, 3 * KiB, " 25% 1.0 KiB of 4.0 KiB, 3.0 KiB/s, 0:01 left")]
    [TestCase(BitsUploadStatus.Transferring, 3 * MiB, " 25% 1.0 KiB of 4.0 KiB, 3.0 MiB/s, 0:01 left", Description = "not 0:00")]
    [TestCase(BitsUploadStatus.Transferring, 4, " 25% 1.0 KiB of 4.0 KiB, 4 B/s, 12:48 left")]
    [TestCase(BitsUploadStatus.Transferring, 1, " 25% 1.0 KiB of 4.0 KiB, 1 B/s, 51:12 left")]
    [TestCase(BitsUploadStatus.Suspended, 512, " 25% 1.0 KiB of 4.0 KiB, 512 B/s", Description = "no time while suspended")]
    public void Rate_and_remaining_time_are_shown_if_known(BitsUploadStatus status, double rate, string text) =>
        Assert.That(ProgressText.Of(Reports.Of(status, 1024) with { BytesPerSecond = rate }), Is.EqualTo(text));

    [Test]
    public void The_bytes_in_flight_count() =>
        Assert.That(
            ProgressText.Of(Reports.Of(BitsUploadStatus.Transferring, 1024) with { BytesInFlight = 1024, Fraction = 0.5 }),
            Is.EqualTo(" 50% 2.0 KiB of 4.0 KiB"));

    [Test]
    public void All_bytes_in_flight_are_not_all_of_the_upload() =>
        Assert.That(
            ProgressText.Of(Reports.Of(BitsUploadStatus.Transferring, 0) with { BytesInFlight = 4096, Fraction = Math.BitDecrement(1) }),
            Is.EqualTo(" 99% 4.0 KiB of 4.0 KiB"));

    [TestCase(3600, "1:00:00")]
    [TestCase((3600 * 99) + (59 * 60) + 59, "99:59:59")]
    [TestCase(3599.2, "1:00:00", Description = "seconds are rounded up before they are split")]
    public void Hours_are_shown(double seconds, string clock) => Assert.That(Lasting(seconds), Does.EndWith($"/s, {clock} left"));

    [TestCase(3600 * 100)]
    [TestCase(1e15)]
    public void A_meaningless_remaining_time_is_not_shown(double seconds) => Assert.That(Lasting(seconds), Does.Not.Contain("left"));

    [TestCase(0, null, "reply: 0 B")]
    [TestCase(1024, null, "reply: 1.0 KiB")]
    [TestCase(1024, 4096L, "reply:  25% 1.0 KiB of 4.0 KiB")]
    public void A_reply_has_its_own_share(long bytes, long? total, string text)
    {
        BitsUploadProgress report =
            Reports.Of(BitsUploadStatus.DownloadingReply, 4096) with { ReplyBytes = bytes, ReplyTotal = total, BytesPerSecond = 5 };

        Assert.That(ProgressText.Of(report), Is.EqualTo(text));
    }

    [TestCase(0, " 25%, retrying (attempt 3)")]
    [TestCase(1.2, " 25%, retrying in 0:02 (attempt 3)")]
    [TestCase(75, " 25%, retrying in 1:15 (attempt 3)")]
    public void A_retry_shows_how_long_it_waits_and_its_number(double delay, string text) =>
        Assert.That(
            ProgressText.Of(
                Reports.Of(BitsUploadStatus.TransientError, 1024) with { Attempt = 3, RetryDelay = TimeSpan.FromSeconds(delay) }),
            Is.EqualTo(text));

    [TestCase(503, "503 Service Unavailable")]
    [TestCase(599, "599")]
    public async Task A_retry_after_a_refusal_shows_the_status(int status, string reason) =>
        Assert.That(await RetryAsync(new BitsFault.Answer(status)), Does.Match($@"^  0%, retrying in 0:0\d \(attempt 2\): {reason}$"));

    [Test]
    public async Task A_retry_after_a_broken_connection_shows_the_innermost_reason_in_one_line()
    {
        string text = await RetryAsync(fault: null, new HttpRequestException("An error occurred.", new IOException("The line\r\nis cut.")));

        Assert.That(text, Does.Match(@"^  0%, retrying in 0:0\d \(attempt 2\): The line is cut$"));
    }

    [Test]
    public async Task A_retry_after_a_timeout_shows_that_there_was_no_answer()
    {
        string text = await RetryAsync(fault: null, new TaskCanceledException("The operation was canceled.", new TimeoutException()));

        Assert.That(text, Does.Match(@"^  0%, retrying in 0:0\d \(attempt 2\): no answer$"));
    }

    private static string Lasting(double seconds) =>
        ProgressText.Of(Reports.Of(BitsUploadStatus.Transferring, 0, total: 1_000_000) with { BytesPerSecond = 1_000_000 / seconds });

    /// <summary>Returns the text of the retry report after the first fragment fails once.</summary>
    private static async Task<string> RetryAsync(BitsFault? fault, Exception? failure = null)
    {
        using MemoryUpload upload = new();
        if (fault is not null)
        {
            upload.Server.Inject(BitsPacketNames.Fragment, fault);
        }
        else
        {
            upload.FailFirst(BitsPacketNames.Fragment, failure!);
        }

        await upload.RunAsync();
        return ProgressText.Of(upload.Reports.First(report => report.Status is BitsUploadStatus.TransientError));
    }
}
