using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>An upload that makes no progress says what it waits for.</summary>
public sealed class SilenceLinesTests
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [TestCase(BitsUploadStatus.Connecting, "  0%, no answer to Create-Session for 0:10")]
    [TestCase(BitsUploadStatus.Transferring, " 25%, no answer to a fragment for 0:10")]
    [TestCase(BitsUploadStatus.Transferred, " 25%, no answer to Close-Session for 0:10")]
    [TestCase(BitsUploadStatus.DownloadingReply, " 25%, no answer to the request for the reply for 0:10")]
    public void After_ten_seconds_the_packet_is_named(BitsUploadStatus status, string line)
    {
        ManualTimeProvider time = new();
        using StringWriter writer = new();
        using SilenceLines lines = new(Lines(writer, time), time);
        lines.Report(Reports.Of(status, status is BitsUploadStatus.Connecting ? 0 : 1024));

        time.Advance(TenSeconds - TimeSpan.FromMilliseconds(1));
        Assert.That(writer.ToString(), Is.Empty);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(writer.ToString(), Is.EqualTo(line + writer.NewLine));
    }

    [Test]
    public void It_is_said_again_every_ten_seconds_until_there_is_progress()
    {
        ManualTimeProvider time = new();
        using StringWriter writer = new();
        using SilenceLines lines = new(Lines(writer, time), time);
        lines.Report(Reports.Of(BitsUploadStatus.Transferring, 0));
        time.Advance(TenSeconds);
        time.Advance(TenSeconds);
        lines.Report(Reports.Of(BitsUploadStatus.Transferring, 1024));
        time.Advance(TenSeconds / 2);

        Assert.That(
            writer.ToString(),
            Is.EqualTo($"  0%, no answer to a fragment for 0:10{writer.NewLine}  0%, no answer to a fragment for 0:20{writer.NewLine}"));
    }

    [TestCase(BitsUploadStatus.TransientError)]
    [TestCase(BitsUploadStatus.Acknowledged)]
    public void Where_no_answer_is_awaited_nothing_is_said(BitsUploadStatus status)
    {
        ManualTimeProvider time = new();
        using StringWriter writer = new();
        using SilenceLines lines = new(Lines(writer, time), time);
        lines.Report(Reports.Of(status, 1024));
        writer.GetStringBuilder().Clear();

        time.Advance(TenSeconds);

        Assert.That(writer.ToString(), Is.Empty);
    }

    // Without the lines of the progress itself.
    private static ProgressLines Lines(TextWriter writer, ManualTimeProvider time) => new(writer, time, retriesOnly: true);
}
