using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>Which progress reports are written as lines if stderr is not a terminal.</summary>
public sealed class ProgressLinesTests
{
    [Test]
    public void At_most_one_line_per_second_is_written()
    {
        ManualTimeProvider time = new();
        using StringWriter writer = new();
        ProgressLines lines = new(writer, time);
        for (int i = 0; i <= 20; i++)
        {
            lines.Report(Reports.Of(BitsUploadStatus.Transferring, i * 100));
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(LinesOf(writer), Is.EqualTo((string[])["  0% 0 B of 4.0 KiB", " 24% 1000 B of 4.0 KiB", " 48% 2.0 KiB of 4.0 KiB"]));
    }

    [Test]
    public void No_line_is_written_before_the_session_is_created()
    {
        using StringWriter writer = new();
        ProgressLines lines = new(writer, new ManualTimeProvider());
        lines.Report(Reports.Of(BitsUploadStatus.Connecting, 0));
        lines.Report(Reports.Of(BitsUploadStatus.Transferring, 0));

        Assert.That(LinesOf(writer), Has.Length.EqualTo(1), "the first report does not delay the second");
    }

    [TestCase(BitsUploadStatus.TransientError)]
    [TestCase(BitsUploadStatus.Acknowledged)]
    public void Failures_and_the_end_are_written_immediately(BitsUploadStatus status)
    {
        using StringWriter writer = new();
        ProgressLines lines = new(writer, new ManualTimeProvider());
        lines.Report(Reports.Of(BitsUploadStatus.Transferring, 0));
        lines.Report(Reports.Of(status, 0));
        lines.Report(Reports.Of(status, 0));

        Assert.That(LinesOf(writer), Has.Length.EqualTo(3));
    }

    [Test]
    public void The_start_of_a_reply_is_written_immediately_and_then_one_line_per_second()
    {
        ManualTimeProvider time = new();
        using StringWriter writer = new();
        ProgressLines lines = new(writer, time);
        lines.Report(Reports.Of(BitsUploadStatus.Transferring, 4096));
        lines.Report(Reply(1));
        lines.Report(Reply(2));
        time.Advance(TimeSpan.FromSeconds(1));
        lines.Report(Reply(3));

        Assert.That(LinesOf(writer), Is.EqualTo((string[])["100% 4.0 KiB of 4.0 KiB", "reply: 1 B", "reply: 3 B"]));
    }

    private static string[] LinesOf(StringWriter writer) => writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static BitsUploadProgress Reply(long bytes) => Reports.Of(BitsUploadStatus.DownloadingReply, 4096) with { ReplyBytes = bytes };
}
