using BitsClient.Machine;

namespace BitsClient.Tests.Machine;

/// <summary>The time of a fragment as a fixed part and a part for each byte.</summary>
public sealed class FragmentTimingTests
{
    private static readonly TimeSpan Target = TimeSpan.FromSeconds(10);

    [TestCase(2, 2, 5000, Description = "nothing else can be said of one length: it is certain not to take longer")]
    [TestCase(20, 20, 500)]
    [TestCase(20, 1, 2000, Description = "its bytes took one second: twice as many may be tried")]
    [TestCase(20, 12.5, 800, Description = "its bytes alone took longer")]
    [TestCase(2, 3, 5000, Description = "more than all of the time is all of it")]
    public void After_one_length(double took, double writing, double length) =>
        Assert.That(Timing((1000, took, writing)).LengthFor(Target), Is.EqualTo(length).Within(1e-6));

    [Test]
    public void Two_lengths_tell_the_two_parts_apart()
    {
        FragmentTiming timing = Timing((1000, 3, 0), (2000, 4, 0));
        Assert.That(timing.FixedSeconds, Is.EqualTo(2).Within(1e-9));
        Assert.That(timing.SecondsPerByte, Is.EqualTo(0.001).Within(1e-9));
        Assert.That(timing.LengthFor(Target), Is.EqualTo(10_000).Within(1e-6));
    }

    [Test]
    public void Lengths_that_hardly_differ_tell_nothing_new()
    {
        FragmentTiming known = Timing((1000, 3, 0), (2000, 4, 0));
        FragmentTiming timing = known.With(2400, TimeSpan.FromSeconds(9.2), TimeSpan.Zero);
        Assert.That(timing.FixedSeconds, Is.EqualTo(2).Within(1e-9), "the connection has become slower, not the server");
        Assert.That(timing.SecondsPerByte, Is.EqualTo(0.003).Within(1e-9));
    }

    [Test]
    public void A_byte_takes_no_less_than_the_connection_took_for_it_and_no_more_than_everything()
    {
        Assert.That(Timing((1000, 5, 0), (2000, 4, 1)).SecondsPerByte, Is.EqualTo(1 / 2000d).Within(1e-9), "a larger one was faster");
        Assert.That(Timing((1000, 1, 1), (2000, 9, 0)).SecondsPerByte, Is.EqualTo(9 / 2000d).Within(1e-9), "a jam");
    }

    [TestCase(12, 12, 166_667, Description = "half a percent of 12 seconds is the least")]
    [TestCase(12, 11.89, 166_667, Description = "one percent may be chance")]
    [TestCase(12, 11.87, 4000, Description = "more is not: twice as many may be tried")]
    [TestCase(0.01, 0.01, 20_000_000, Description = "half a millisecond is the least")]
    [TestCase(0.01, 0.0091, 20_000_000, Description = "a millisecond may be chance")]
    public void A_time_that_hardly_differs_may_be_chance(double took, double tookTwice, double length) =>
        Assert.That(Timing((1000, took, 0), (2000, tookTwice, 0)).LengthFor(Target), Is.EqualTo(length).Within(1));

    [Test]
    public void Times_that_contradict_each_other_tell_no_more_than_one()
    {
        FragmentTiming timing = Timing((1000, 5, 0), (2000, 4, 0));
        Assert.That(timing.FixedSeconds, Is.Null);
        Assert.That(timing.LengthFor(Target), Is.EqualTo(5000), "what is certain");
        Assert.That(Timing((1000, 12, 0), (2000, 11, 0)).LengthFor(Target), Is.EqualTo(4000), "twice as many may be tried");
    }

    [TestCase(2, 3, 10_000, Description = "the bytes took one second")]
    [TestCase(2, 2.001, 1_000_000, Description = "half a percent of the time may be chance")]
    [TestCase(0.01, 12, 2000, Description = "the fragment may have taken a fixed time that the other packet did not")]
    [TestCase(4, 3, 3333.333, Description = "the other packet took a time that the fragment did not")]
    public void A_packet_without_bytes_tells_the_two_parts_apart_until_two_fragments_are_measured(
        double answer, double took, double length)
    {
        FragmentTiming answered = new FragmentTiming().WithAnswer(TimeSpan.FromSeconds(answer));
        FragmentTiming timing = answered.With(1000, TimeSpan.FromSeconds(took), TimeSpan.Zero);
        Assert.That(timing.LengthFor(Target), Is.EqualTo(length).Within(0.3).Percent);
        Assert.That(timing.FixedSeconds, Is.Null);
        FragmentTiming second = timing.With(2000, TimeSpan.FromSeconds(took + 2), TimeSpan.Zero);
        Assert.That(second.SecondsPerByte, Is.EqualTo(0.002).Within(1e-9));
    }

    [Test]
    public void What_takes_no_time_has_no_limit() =>
        Assert.That(Timing((1000, 0, 0)).LengthFor(Target), Is.EqualTo(double.PositiveInfinity));

    private static FragmentTiming Timing(params (long Length, double Took, double Writing)[] fragments) => fragments.Aggregate(
        new FragmentTiming(),
        (timing, next) => timing.With(next.Length, Time(next.Took), Time(next.Writing)));

    // TimeSpan.FromSeconds rounds to milliseconds on .NET Framework.
    private static TimeSpan Time(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
}
