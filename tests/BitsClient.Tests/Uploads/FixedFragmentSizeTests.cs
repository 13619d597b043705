using System.Globalization;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary><see cref="BitsUploadOptions.FixedFragmentSize"/>: one size for all fragments, instead of sizes that adapt.</summary>
public sealed class FixedFragmentSizeTests
{
    [Test]
    public async Task By_default_it_is_null_and_sizes_adapt()
    {
        Assert.That(new BitsUploadOptions().FixedFragmentSize, Is.Null);
        using UploadRig rig = new(options: new BitsUploadOptions { MinFragmentSize = 10, InitialFragmentSize = 1000 });
        await RunAsync(rig);
        Assert.That(Lengths(rig), Is.EqualTo(new[] { 1000, 9000 }), "the first fragment takes no time, so the next one has no limit");
    }

    [TestCase(1000)]
    [TestCase(999)]
    [TestCase(3000)]
    [TestCase(10_001)]
    public async Task All_fragments_but_the_last_have_this_size(int size)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = size });
        await RunAsync(rig);
        int[] lengths = [.. Lengths(rig)];
        Assert.That(lengths.SkipLast(1), Is.All.EqualTo(size));
        Assert.That(lengths[^1], Is.InRange(1, size));
        Assert.That(lengths.Sum(), Is.EqualTo(10_000));
    }

    [Test]
    public async Task After_a_lost_ack_probes_find_the_offset_and_fragments_keep_their_size()
    {
        using UploadRig rig = new(BitsServerDialect.Win32, new BitsUploadOptions { FixedFragmentSize = 3000 });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 2);
        await RunAsync(rig);
        Assert.That(Lengths(rig), Is.EqualTo(new[] { 3000, 3000, 1, 1, 3000, 1000 }));
    }

    [TestCase(1, 1, 1)]
    [TestCase(5000, 6000, 7000)]
    [TestCase(0, -1, -2, Description = "they are not even checked")]
    public async Task The_other_sizes_are_ignored(int minimum, int initial, int maximum)
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 3000,
            MinFragmentSize = minimum,
            InitialFragmentSize = initial,
            MaxFragmentSize = maximum,
        };
        using UploadRig rig = new(options: options);
        await RunAsync(rig);
        Assert.That(Lengths(rig), Is.EqualTo(new[] { 3000, 3000, 3000, 1000 }));
        Assert.That(
            (options.MinFragmentSize, options.InitialFragmentSize, options.MaxFragmentSize),
            Is.EqualTo((minimum, initial, maximum)),
            "the caller's options are unchanged");
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void Less_than_1_is_an_error(int size)
    {
        using HttpClient http = new();
        Assert.That(
            () => new BitsUploadClient(http, new BitsUploadOptions { FixedFragmentSize = size }),
            Throws.ArgumentException.With.Message.StartsWith(
                FormattableString.Invariant($"FixedFragmentSize is {size}; it must be at least 1")));
    }

    private static async Task RunAsync(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    private static IEnumerable<int> Lengths(UploadRig rig) => rig.Server.Dialogue
        .Where(exchange => exchange.PacketType == BitsPacketNames.Fragment)
        .Select(exchange => int.Parse(exchange.RequestHeader("Content-Length")!, CultureInfo.InvariantCulture));
}
