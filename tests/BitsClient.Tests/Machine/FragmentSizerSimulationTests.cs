using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>
/// The sizes that are chosen on lines that exist only as arithmetic: a round trip, a rate, a buffer that takes bytes before the line does,
/// a fixed time for each request, a limit of the server, and changes on the way.
/// </summary>
public sealed class FragmentSizerSimulationTests
{
    private const double Mbit = 1_000_000 / 8d;
    private const int MiB = 1024 * 1024;

    [TestCase(0.064, 0.2, 0.93)]
    [TestCase(1, 0.1, 0.97)]
    [TestCase(10, 0.02, 0.99)]
    [TestCase(10, 0.2, 0.95)]
    [TestCase(100, 0.02, 0.98)]
    [TestCase(100, 0.2, 0.90)]
    [TestCase(1000, 0, 0.99)]
    [TestCase(10_000, 0, 0.99)]
    public void A_minute_of_upload_wastes_little_of_the_line(double mbit, double roundTrip, double least)
    {
        Line line = new() { BytesPerSecond = mbit * Mbit, RoundTrip = roundTrip, Buffer = 256 * 1024 };
        double efficiency = Run(line, (long)(line.BytesPerSecond * 60)).Efficiency;
        TestContext.Out.WriteLine($"{mbit} Mbit/s, {roundTrip * 1000} ms: {efficiency:0.000}");
        Assert.That(efficiency, Is.GreaterThanOrEqualTo(least));
    }

    [TestCase(12)]
    [TestCase(30)]
    public void A_fixed_time_of_each_request_leads_to_the_largest_size_at_the_third_fragment(double seconds)
    {
        Line line = new() { BytesPerSecond = 1000 * Mbit, RoundTrip = 0.001, Fixed = seconds, Buffer = 4 * MiB };
        long[] sizes = [.. Run(line, 3000L * MiB).Sizes];
        Assert.That(sizes[0], Is.EqualTo(MiB));
        Assert.That(sizes[2], Is.EqualTo(28 * MiB));
        Assert.That(sizes[3..], Is.All.GreaterThan(28 * MiB).Or.EqualTo(sizes[^1]), "beyond it, the server is asked");
    }

    [Test]
    public void A_slow_line_behind_a_large_buffer_is_recognized_by_its_second_fragment()
    {
        Line line = new() { BytesPerSecond = 0.064 * Mbit, RoundTrip = 0.1, Buffer = 100 * MiB };
        long[] sizes = [.. Run(line, 10L * MiB).Sizes];
        Assert.That(sizes[..2], Is.EqualTo(new[] { MiB, 2L * MiB }));
        Assert.That(sizes[2..^1], Is.All.InRange(60_000, 85_000), "about ten seconds each");
    }

    [Test]
    public void A_line_that_becomes_slower_gets_smaller_fragments_at_once_and_larger_ones_when_it_recovers()
    {
        FragmentSizing sizing = Sizing;
        (sizing, long first) = Settled(new Line { BytesPerSecond = 100 * Mbit, RoundTrip = 0.05, Buffer = 256 * 1024 }, sizing);
        (sizing, long slow) = Settled(new Line { BytesPerSecond = 1 * Mbit, RoundTrip = 0.05, Buffer = 256 * 1024 }, sizing);
        (_, long again) = Settled(new Line { BytesPerSecond = 100 * Mbit, RoundTrip = 0.05, Buffer = 256 * 1024 }, sizing);
        Assert.That(first, Is.InRange(110_000_000, 130_000_000));
        Assert.That(again, Is.InRange(110_000_000, 130_000_000));
        Assert.That(slow, Is.InRange(1_100_000, 1_400_000), "about ten seconds each");
    }

    [TestCase(500_000)]
    [TestCase(1_000_000)]
    [TestCase(5_000_000)]
    public void A_limit_costs_few_refusals(int limit)
    {
        Line line = new() { BytesPerSecond = 1000 * Mbit, RoundTrip = 0.02, Limit = limit };
        Outcome outcome = Run(line, 200L * limit);
        Assert.That(outcome.Refusals, Is.LessThanOrEqualTo(2 + Math.Log(outcome.Sizes.Count / 64d, 2)));
        Assert.That(outcome.Sizes.Count(size => size >= limit / 2), Is.GreaterThan(outcome.Sizes.Count * 9 / 10));
    }

    private static readonly MachineOptions Options = MachineOptions.From(new BitsUploadOptions());

    private static readonly FragmentSizing Sizing = new() { Size = MiB };

    private static (FragmentSizing, long Size) Settled(Line line, FragmentSizing sizing)
    {
        for (int i = 0; i < 5; i++)
        {
            sizing = Sent(line, sizing, sizing.Size);
        }

        return (sizing, sizing.Size);
    }

    private static Outcome Run(Line line, long total)
    {
        FragmentSizing sizing = Sizing;
        Outcome outcome = new();
        double time = 2 * line.RoundTrip;
        for (long offset = 0; offset < total;)
        {
            long length = Math.Min(sizing.Size, total - offset);
            time += line.Took(length);
            if (length > line.Limit)
            {
                outcome.Refusals++;
                sizing = FragmentSizer.Refused(sizing, Options, Fragment(length));
                continue;
            }

            outcome.Sizes.Add(length);
            sizing = Sent(line, sizing, length);
            offset += length;
        }

        outcome.Efficiency = line.Took(total) / time;
        return outcome;
    }

    private static FragmentSizing Sent(Line line, FragmentSizing sizing, long length) => FragmentSizer.Accepted(
        sizing, Options, Fragment(length), TimeSpan.FromSeconds(line.Took(length)), TimeSpan.FromSeconds(line.Writing(length)));

    private static BitsPacket.Fragment Fragment(long length) => new("id", null, 0, length, long.MaxValue);

    private sealed class Outcome
    {
        public List<long> Sizes { get; } = [];

        public int Refusals { get; set; }

        public double Efficiency { get; set; }
    }

    private sealed record Line
    {
        public required double BytesPerSecond { get; init; }

        public double RoundTrip { get; init; }

        public double Fixed { get; init; }

        public long Buffer { get; init; }

        public long Limit { get; init; } = long.MaxValue;

        public double Took(long length) => RoundTrip + Fixed + (length / BytesPerSecond);

        public double Writing(long length) => Math.Max(0, length - Buffer) / BytesPerSecond;
    }
}
