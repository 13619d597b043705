using BitsClient.Errors;

namespace BitsClient.Tests.Errors;

/// <summary>How messages show a time: in the largest unit of which there are at least two.</summary>
public sealed class DurationTextTests
{
    [TestCase("3.12:00:00", "3.5 days")]
    [TestCase("2.00:00:00", "2 days")]
    [TestCase("1.23:00:00", "47 hours")]
    [TestCase("02:00:00", "2 hours")]
    [TestCase("01:59:00", "119 minutes")]
    [TestCase("00:02:00", "2 minutes")]
    [TestCase("00:01:59", "119 seconds")]
    [TestCase("00:00:01.5", "1.5 seconds")]
    [TestCase("00:00:01", "1 second")]
    [TestCase("00:00:00.999", "999 milliseconds")]
    [TestCase("00:00:00.001", "1 millisecond")]
    [TestCase("00:00:00", "0 milliseconds")]
    public void A_time_has_its_unit_in_singular_or_plural(TimeSpan time, string text) =>
        Assert.That(MessageText.Of(time), Is.EqualTo(text));
}
