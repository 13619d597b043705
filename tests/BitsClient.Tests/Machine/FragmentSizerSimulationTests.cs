using System.Globalization;
using BitsClient.Machine;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Machine;

/// <summary>The sizes that are chosen on lines that exist only as arithmetic.</summary>
public sealed class FragmentSizerSimulationTests
{
    private const double Mbit = 1_000_000 / 8d;
    private const int MiB = 1024 * 1024;

    private static readonly SimulatedLine Usual = new() { BytesPerSecond = 100 * Mbit, RoundTrip = 0.05, Buffer = 256 * 1024 };

    [TestCase(0.064, 0.2, 0.90)]
    [TestCase(1, 0.1, 0.97)]
    [TestCase(10, 0.02, 0.99)]
    [TestCase(10, 0.2, 0.97)]
    [TestCase(100, 0.02, 0.99)]
    [TestCase(100, 0.2, 0.97)]
    [TestCase(1000, 0, 0.99)]
    [TestCase(10_000, 0, 0.99)]
    public void A_minute_of_upload_wastes_little_of_the_line(double mbit, double roundTrip, double least) =>
        Assert.That(Efficiency(Usual with { BytesPerSecond = mbit * Mbit, RoundTrip = roundTrip }), Is.GreaterThanOrEqualTo(least));

    [TestCase(0)]
    [TestCase(0.2)]
    [TestCase(0.6)]
    public void A_slow_line_acknowledges_a_fragment_within_15_seconds(double roundTrip)
    {
        SimulatedLine line = new() { BytesPerSecond = 0.064 * Mbit, RoundTrip = roundTrip, Buffer = MiB };
        Assert.That(new SimulatedUpload(10 * MiB).Over(line).FirstAck, Is.LessThan(15));
    }

    [TestCase(100, 200, 128, 3, Description = "a small fragment, a question, and the rest")]
    [TestCase(10, 200, 16, 3)]
    [TestCase(100, 80, 128, 3)]
    [TestCase(1000, 80, 1024, 3)]
    [TestCase(1000, 200, 1024, 3, Description = "two requests of which one takes 0.8 ms longer differ by a millisecond at most")]
    public void The_first_upload_of_a_client_has_the_fewest_round_trips_that_find_the_size(
        int mbit, int milliseconds, long length, int roundTrips)
    {
        SimulatedLine line = new() { BytesPerSecond = mbit * Mbit, RoundTrip = milliseconds / 1000d, Buffer = 4 * MiB };
        SimulatedUpload upload = new SimulatedUpload(length * MiB).Over(line);
        Assert.That(upload.Fragments.Count + upload.Questions, Is.EqualTo(roundTrips));
        SimulatedUpload second = new SimulatedUpload(length * MiB, SecondOf(upload)).Over(line);
        Assert.That(second.Fragments.Count + second.Questions, Is.LessThanOrEqualTo(mbit == 1000 ? 2 : 1));
    }

    [Test]
    public void A_fixed_time_of_each_request_is_outweighed_from_the_third_fragment_on(
        [Values(0.12, 12, 30)] double seconds,
        [Values] bool alsoOfPackets,
        [Values(10, 100, 1000)] double mbit,
        [Values(0.001, 0.02, 0.2)] double roundTrip)
    {
        SimulatedLine line = new()
        {
            BytesPerSecond = mbit * Mbit,
            RoundTrip = roundTrip,
            Fixed = seconds,
            FixedOfPackets = alsoOfPackets ? seconds : 0,
            Buffer = 4 * MiB,
        };
        long total = (long)(line.BytesPerSecond * 180);
        (long Length, double Seconds)[] later = [.. new SimulatedUpload(total).Over(line).Fragments.Skip(2)];
        double rate = later.Sum(fragment => fragment.Length) / later.Sum(fragment => fragment.Seconds);
        long bestLength = Math.Min(1024 * MiB, (long)(line.BytesPerSecond * 10));
        Assert.That(rate, Is.GreaterThan(0.9 * bestLength / line.Fragment(bestLength)));
    }

    [Test]
    public void A_slow_line_behind_a_large_buffer_is_recognized_by_its_second_fragment()
    {
        SimulatedLine line = new() { BytesPerSecond = 0.064 * Mbit, RoundTrip = 0.1, Buffer = 100 * MiB };
        long[] sizes = [.. new SimulatedUpload(10L * MiB).Over(line).Fragments.Select(fragment => fragment.Length)];
        Assert.That(sizes[..2], Is.EqualTo(new[] { 96 * 1024, 2 * 96 * 1024L }));
        Assert.That(sizes[2..^1], Is.All.InRange(60_000, 85_000), "about ten seconds each");
    }

    [Test]
    public void A_line_that_becomes_slower_gets_smaller_fragments_at_once_and_larger_ones_when_it_recovers()
    {
        SimulatedLine slow = Usual with { BytesPerSecond = Mbit };
        SimulatedUpload upload = new SimulatedUpload(4000L * MiB) { Later = slow }.Over(Usual);
        Assert.That(upload.Fragments.Max(fragment => fragment.Length), Is.InRange(110_000_000, 190_000_000), "ten to fifteen seconds");
        Assert.That(upload.Fragments[^2].Length, Is.InRange(1_100_000, 1_400_000), "about ten seconds");
        SimulatedUpload recovered = new SimulatedUpload(4000L * MiB) { Later = Usual }.Over(slow);
        Assert.That(recovered.Fragments[^2].Length, Is.InRange(110_000_000, 190_000_000));
    }

    [Test]
    public void Parts_of_equal_length_are_measured_too()
    {
        SimulatedLine line = Usual with { BytesPerSecond = 25 * Mbit };
        SimulatedUpload upload = new SimulatedUpload(400L * MiB) { Later = Usual with { BytesPerSecond = 2.5 * Mbit } }.Over(line);
        Assert.That(upload.Fragments[1].Length, Is.InRange(20 * MiB, 28 * MiB), "more is likely to be refused");
        Assert.That(upload.Fragments[^2].Seconds, Is.LessThan(15));
    }

    [TestCase(500_000)]
    [TestCase(1_048_576)]
    [TestCase(5_000_000)]
    [TestCase(30_000_000)]
    [TestCase(100_000_000)]
    public void A_limit_costs_few_refusals_and_no_body(int limit)
    {
        SimulatedLine line = new() { BytesPerSecond = 1000 * Mbit, RoundTrip = 0.02, Limit = limit };
        SimulatedUpload upload = new SimulatedUpload(200L * limit).Over(line);
        Assert.That(upload.Refusals, Is.LessThanOrEqualTo(2 + Math.Log(upload.Fragments.Count / 64d, 2)));
        Assert.That(upload.BytesInVain, Is.Zero);
        Assert.That(
            upload.Fragments.Count(fragment => fragment.Length >= limit / 2), Is.GreaterThan(upload.Fragments.Count * 9 / 10));
    }

    [TestCase(28)]
    [TestCase(30)]
    [TestCase(32)]
    [TestCase(55)]
    [TestCase(57)]
    public void A_small_limit_costs_a_file_of_28_to_56_MiB_few_refusals(int length)
    {
        SimulatedLine line = new() { BytesPerSecond = 1000 * Mbit, RoundTrip = 0.02, Limit = 500_000 };
        SimulatedUpload upload = new SimulatedUpload(length * (long)MiB).Over(line);
        Assert.That(upload.Refusals, Is.LessThanOrEqualTo(2 + Math.Log(upload.Fragments.Count / 64d, 2)));
        Assert.That(upload.BytesInVain, Is.Zero);
    }

    [Test]
    public void A_proxy_that_says_yes_for_the_server_behind_it_costs_two_bodies_at_most()
    {
        SimulatedLine line = Usual with { Limit = 30_000_000, AnswersTooSoon = true };
        SimulatedUpload upload = new SimulatedUpload(1000L * MiB).Over(line);
        Assert.That(upload.Refusals, Is.LessThanOrEqualTo(2));
        Assert.That(upload.BytesInVain / line.BytesPerSecond, Is.LessThan(25), "seconds");
    }

    [Test, Platform(Exclude = "Mono", Reason = "On .NET Framework, TimeSpan.FromSeconds rounds to milliseconds.")]
    public void The_tables_of_the_documentation_are_those_of_the_simulation()
    {
        string page = File.ReadAllText(Repository.PathOf("docs", "performance.md"));
        Assert.That(page, Does.Contain(RateTable()).And.Contain(TroubleTable()));
    }

    private static string RateTable() => Table(
        "| Rate | 0 ms | 20 ms | 80 ms | 200 ms | 600 ms |",
        new[] { 0.064, 1, 10, 100, 1000, 10_000 }.Select(mbit =>
            FormattableString.Invariant($"| {mbit} Mbit/s | ") + string.Join(" | ", new[] { 0, 0.02, 0.08, 0.2, 0.6 }.Select(trip =>
                Number(Efficiency(Usual with { BytesPerSecond = mbit * Mbit, RoundTrip = trip })))) + " |"));

    private static string TroubleTable()
    {
        (string Name, SimulatedLine Line, SimulatedLine? Later)[] rows =
        [
            ("nothing", Usual, null),
            ("up to 20 ms more for a round trip", Usual with { Jitter = 0.02 }, null),
            ("a loss that costs 350 ms in every tenth request", Usual with { Loss = 0.1 }, null),
            ("12 s more for each fragment", Usual with { Fixed = 12 }, null),
            ("a tenth of the rate from the middle on", Usual, Usual with { BytesPerSecond = 10 * Mbit }),
            ("ten times the rate from the middle on", Usual, Usual with { BytesPerSecond = 1000 * Mbit }),
            ("a limit of 100,000,000 bytes", Usual with { Limit = 100_000_000 }, null),
            ("a limit of 30,000,000 bytes", Usual with { Limit = 30_000_000 }, null),
            ("a limit of 1 MiB", Usual with { Limit = MiB }, null),
            ("a limit of 500,000 bytes", Usual with { Limit = 500_000 }, null),
            ("a limit of 64 KiB", Usual with { Limit = 64 * 1024 }, null),
            ("a limit of 30,000,000 bytes behind a proxy", Usual with { Limit = 30_000_000, AnswersTooSoon = true }, null),
        ];
        return Table(
            "| The line or server has | Efficiency | Fragments | Questions | Refusals | Bytes in vain |",
            rows.Select(row =>
            {
                SimulatedUpload upload = new SimulatedUpload(TotalFor(row.Line)) { Later = row.Later }.Over(row.Line);
                string efficiency = Number(Put(row.Line, row.Later) / upload.Seconds);
                return FormattableString.Invariant($"| {row.Name} | {efficiency} | {upload.Fragments.Count} | {upload.Questions} | ")
                    + FormattableString.Invariant($"{upload.Refusals} | {upload.BytesInVain:N0} |");
            }));
    }

    private static string Table(string head, IEnumerable<string> rows) => string.Join(
        '\n', [head, string.Concat(Enumerable.Repeat("| --- ", head.Count(c => c == '|') - 1)) + "|", .. rows]);

    private static string Number(double efficiency) => efficiency.ToString("0.00", CultureInfo.InvariantCulture);

    private static double Efficiency(SimulatedLine line) => Put(line) / new SimulatedUpload(TotalFor(line)).Over(line).Seconds;

    // A minute, and more than a file that is sent at once.
    private static long TotalFor(SimulatedLine line) => Math.Max(4 * MiB, (long)(line.BytesPerSecond * 60));

    // The whole file in one request, without anything that goes wrong.
    private static double Put(SimulatedLine line, SimulatedLine? later = null)
    {
        long half = TotalFor(line) / 2;
        return line.RoundTrip + line.Fixed + (half / line.BytesPerSecond) + (half / (later ?? line).BytesPerSecond);
    }

    // What the next upload of a client begins with.
    private static FragmentSizing SecondOf(SimulatedUpload upload) =>
        default(KnownHost).With(upload.Sizing).ApplyTo(new FragmentSizing { Size = MiB });
}
