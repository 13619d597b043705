using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>What an error says about the size of a fragment, if no smaller one can be sent.</summary>
public sealed class SizeAdviceTests
{
    private const string TooLarge = " It has 100 bytes, and MinFragmentSize allows no smaller one.";

    private static readonly UploadState State = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions { MinFragmentSize = 100, InitialFragmentSize = 1000, MaxFragmentSize = 8000 }),
        Total = 10_000,
        Sizing = new FragmentSizing { Size = 100 },
    };

    [TestCase(413, true, TooLarge)]
    [TestCase(413, false, TooLarge)]
    [TestCase(404, false, TooLarge)]
    [TestCase(404, true, "", Description = "the server itself refuses it for another reason")]
    [TestCase(502, false, " The fragment may be too large for the server or something on the way to it." + TooLarge)]
    [TestCase(502, true, "")]
    [TestCase(503, false, "")]
    public void Only_some_answers_may_be_about_the_size(int status, bool isAck, string advice) =>
        Assert.That(
            SizeAdvice.Of(Fragment(100), State, new BitsAck { StatusCode = (HttpStatusCode)status, IsAck = isAck }), Is.EqualTo(advice));

    [Test]
    public void The_option_that_would_allow_a_smaller_fragment_is_named()
    {
        BitsUploadOptions options = new BitsUploadOptions { FixedFragmentSize = 100 }.Checked("options");
        UploadState fixedSize = State with { Options = MachineOptions.From(options) };
        Assert.That(SizeAdvice.Of(Fragment(100), fixedSize), Does.EndWith("and FixedFragmentSize allows no smaller one."));
        Assert.That(SizeAdvice.Of(Fragment(100), State), Does.EndWith("and MinFragmentSize allows no smaller one."));
    }

    [Test]
    public void A_fragment_that_can_be_smaller_or_whose_size_was_accepted_needs_no_advice()
    {
        Assert.That(SizeAdvice.Of(Fragment(101), State), Is.Empty, "a smaller one is sent instead");
        Assert.That(SizeAdvice.Of(Fragment(100), Learned(accepted: 100)), Is.Empty);
        Assert.That(SizeAdvice.Of(Fragment(100), Learned(accepted: 99)), Is.Not.Empty);
        Assert.That(SizeAdvice.Of(Fragment(100) with { IsProbe = true }, State), Is.Empty);
        Assert.That(SizeAdvice.Of(new BitsPacket.Ping(), State), Is.Empty);
    }

    [Test]
    public void The_short_end_of_a_file_is_hardly_too_large_unless_larger_fragments_were_refused()
    {
        Assert.That(SizeAdvice.Of(Fragment(99), State), Is.Empty);
        Assert.That(
            SizeAdvice.Of(Fragment(99), Learned(refused: 200)),
            Does.EndWith(" allows no smaller one. Fragments of 200 bytes and less were refused before."));
        Assert.That(SizeAdvice.Of(Fragment(100), Learned(refused: 100)), Does.EndWith(" allows no smaller one."));
    }

    private static UploadState Learned(long accepted = 0, long refused = 0) =>
        State with { Sizing = State.Sizing with { LargestAccepted = accepted, LargestRefused = refused } };

    private static BitsPacket.Fragment Fragment(long length) => new("id", null, 0, length, 10_000);
}
