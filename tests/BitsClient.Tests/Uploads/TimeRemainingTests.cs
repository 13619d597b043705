namespace BitsClient.Tests.Uploads;

/// <summary>The estimate of the remaining time, from no rate at all to a very low one.</summary>
public sealed class TimeRemainingTests
{
    [Test]
    public void Without_a_rate_there_is_no_estimate([Values(0.0, -1.0)] double rate) =>
        Assert.That(At(rate, total: 100).EstimatedTimeRemaining, Is.Null);

    [Test]
    public void It_is_the_time_for_the_bytes_that_are_not_acknowledged_yet() =>
        Assert.That(At(rate: 20, total: 110).EstimatedTimeRemaining, Is.EqualTo(TimeSpan.FromSeconds(5)));

    [Test]
    public void An_estimate_too_long_for_a_TimeSpan_is_its_maximum() =>
        Assert.That(At(rate: 0.001, total: long.MaxValue).EstimatedTimeRemaining, Is.EqualTo(TimeSpan.MaxValue));

    private static BitsUploadProgress At(double rate, long total) => new()
    {
        Status = BitsUploadStatus.Transferring,
        BytesAcknowledged = 10,
        BytesSent = 10,
        BytesResent = 0,
        BytesTotal = total,
        Session = 1,
        Attempt = 1,
        FragmentSize = 10,
        BytesPerSecond = rate,
    };
}
