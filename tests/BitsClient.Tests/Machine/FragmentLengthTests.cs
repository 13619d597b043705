using BitsClient.Machine;

namespace BitsClient.Tests.Machine;

/// <summary>How many of the remaining bytes the next fragment carries, and whether the question about it is worth its round trip.</summary>
public sealed class FragmentLengthTests
{
    private const int MiB = 1024 * 1024;

    private static readonly MachineOptions Options = MachineOptions.From(new BitsUploadOptions());

    [TestCase(100, 10, 10)]
    [TestCase(10, 10, 10)]
    [TestCase(9, 10, 9)]
    [TestCase(14, 10, 14, Description = "a rest of 4 would cost a round trip of its own")]
    [TestCase(15, 10, 10)]
    public void A_short_rest_of_the_file_is_sent_along(int remaining, int size, int length) =>
        Assert.That(Length(new FragmentSizing { Size = size, IsSizeKnown = true, LargestAccepted = size }, remaining), Is.EqualTo(length));

    [Test]
    public void It_is_not_if_that_would_be_more_than_is_allowed()
    {
        FragmentSizing sizing = new() { Size = 10 * MiB, IsSizeKnown = true, LargestAccepted = 10 * MiB };
        Assert.That(FragmentSizer.LengthOf(sizing, Options with { MaxFragmentSize = 10 * MiB }, 14 * MiB), Is.EqualTo(10 * MiB));
        Assert.That(Length(sizing with { Limit = 10 * MiB }, 14 * MiB), Is.EqualTo(10 * MiB));
        FragmentSizing usual = sizing with { Size = 28 * MiB, LargestAccepted = 28 * MiB, Questions = default(Questions).Off };
        Assert.That(Length(usual, 30 * MiB), Is.EqualTo(28 * MiB));
        Assert.That(Length(sizing with { IsSizeKnown = false }, 14 * MiB), Is.EqualTo(10 * MiB), "the size says nothing of the line");
    }

    [TestCase(200, 100, 1000, 100, Description = "two unasked fragments, or a question and one")]
    [TestCase(199, 100, 1000, 100, Description = "of equal length")]
    [TestCase(201, 100, 1000, 201, Description = "three, or a question and one")]
    [TestCase(1000, 100, 200, 200, Description = "ten, or a question and five")]
    [TestCase(150, 0, 100, 100, Description = "none was accepted")]
    public void A_question_has_to_save_a_round_trip(int remaining, int accepted, int size, int length)
    {
        FragmentSizing sizing = new() { Size = size * MiB, IsSizeKnown = true, LargestAccepted = accepted * (long)MiB };
        Assert.That(Length(sizing, remaining * (long)MiB), Is.EqualTo(remaining == 199 ? 199 * MiB / 2 : length * (long)MiB));
    }

    [TestCase(30, 1000, 15, Description = "two of 15, or one that is probably refused")]
    [TestCase(56, 1000, 28)]
    [TestCase(57, 1000, 57, Description = "three, or one")]
    [TestCase(100, 40, 25, Description = "four, or three")]
    [TestCase(1000, 40, 40, Description = "36, or 25")]
    public void More_than_28_MiB_have_to_save_more_than_one_fragment_until_they_were_accepted(int remaining, int size, int length)
    {
        FragmentSizing sizing = new() { Size = size * MiB, IsSizeKnown = true, LargestAccepted = MiB };
        Assert.That(Length(sizing, remaining * (long)MiB), Is.EqualTo(length * MiB));
    }

    [Test]
    public void A_size_that_is_set_is_kept()
    {
        MachineOptions options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 40 * MiB }.Checked("options"));
        FragmentSizing sizing = new() { Size = 40 * MiB, IsSizeKnown = true, LargestAccepted = 40 * MiB };
        Assert.That(FragmentSizer.LengthOf(sizing, options, 100 * MiB), Is.EqualTo(40 * MiB));
        Assert.That(FragmentSizer.LengthOf(sizing with { LargestAccepted = 0 }, options, 50 * MiB), Is.EqualTo(40 * MiB));
    }

    [Test]
    public void No_part_is_smaller_than_is_allowed()
    {
        FragmentSizing sizing = new() { Size = 300 * MiB, IsSizeKnown = true, LargestAccepted = 250 * MiB };
        MachineOptions options = Options with { MinFragmentSize = 200 * MiB };
        Assert.That(FragmentSizer.LengthOf(sizing, options, 300 * MiB), Is.EqualTo(200 * MiB));
    }

    [Test]
    public void A_least_size_of_more_than_28_MiB_is_not_split()
    {
        FragmentSizing sizing = new() { Size = 100 * MiB, IsSizeKnown = true, LargestAccepted = 28 * MiB };
        Assert.That(FragmentSizer.LengthOf(sizing, Options with { MinFragmentSize = 30 * MiB }, 50 * MiB), Is.EqualTo(50 * MiB));
    }

    [Test]
    public void A_host_that_accepted_less_from_another_upload_is_asked()
    {
        FragmentSizing sizing = new() { Size = 100 * MiB, IsSizeKnown = true, AcceptedByHost = 3 * MiB };
        Assert.That(FragmentSizer.AsksFirst(sizing, Options, 25 * MiB), Is.True);
        Assert.That(FragmentSizer.AsksFirst(sizing with { AcceptedByHost = 13 * MiB }, Options, 25 * MiB), Is.False);
    }

    [TestCase(100, 106, false)]
    [TestCase(100, 107, true)]
    [TestCase(28, 29, true, Description = "IIS and Kestrel refuse it")]
    [TestCase(100, 100, false)]
    public void A_sixteenth_more_than_was_accepted_is_not_asked(int accepted, int length, bool asks)
    {
        FragmentSizing sizing = new() { Size = MiB, LargestAccepted = accepted * (long)MiB };
        Assert.That(FragmentSizer.AsksFirst(sizing, Options, length * (long)MiB), Is.EqualTo(asks));
        Assert.That(FragmentSizer.AsksFirst(sizing with { Limit = 200 * MiB }, Options, length * (long)MiB), Is.EqualTo(length > accepted));
    }

    private static long Length(FragmentSizing sizing, long remaining)
    {
        long length = FragmentSizer.LengthOf(sizing, Options, remaining);
        Assert.That(length, Is.InRange(1, remaining));
        return length;
    }
}
