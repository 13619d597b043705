using BitsClient.Machine;

namespace BitsClient.Tests.Machine;

/// <summary>What one upload to a host teaches the next one.</summary>
public sealed class KnownHostTests
{
    private const int MiB = 1024 * 1024;

    private static readonly FragmentSizing Fresh = new() { Size = MiB };

    private static readonly FragmentSizing Measured = Fresh with
    {
        Size = 100 * MiB,
        IsSizeKnown = true,
        LargestAccepted = 80 * MiB,
        Timing = new FragmentTiming().With(MiB, TimeSpan.FromSeconds(1), TimeSpan.Zero),
    };

    [Test]
    public void The_next_upload_begins_with_the_size_that_was_found_and_what_was_accepted()
    {
        FragmentSizing next = default(KnownHost).With(Measured).ApplyTo(Fresh);
        Assert.That((next.Size, next.IsSizeKnown, next.AcceptedByHost), Is.EqualTo((100 * MiB, true, 80L * MiB)));
    }

    [Test]
    public void What_was_accepted_and_asked_counts_also_if_the_upload_was_too_short_to_be_measured()
    {
        KnownHost known = default(KnownHost).With(Measured with { LargestAccepted = MiB });
        FragmentSizing unmeasured = known.ApplyTo(Fresh) with { LargestAccepted = 5 * MiB, Questions = default(Questions).WithUseless() };
        FragmentSizing next = known.With(unmeasured).ApplyTo(Fresh);
        Assert.That((next.AcceptedByHost, next.Questions.Useless, next.Size), Is.EqualTo((5L * MiB, 1, 100 * MiB)));
    }

    [Test]
    public void What_an_upload_has_found_itself_is_not_replaced()
    {
        FragmentSizing own = Fresh with { Size = 5 * MiB, IsSizeKnown = true, Limit = 6 * MiB, KeepsOffsets = false };
        FragmentSizing known = Measured with { Limit = MiB, AcksAtLimit = 1, KeepsOffsets = true };
        Assert.That(default(KnownHost).With(known).ApplyTo(own), Is.SameAs(own));
    }

    [Test]
    public void One_upload_to_a_server_that_keeps_no_offsets_outweighs_all_others()
    {
        KnownHost known = default(KnownHost).With(Fresh with { KeepsOffsets = true }).With(Fresh with { KeepsOffsets = false });
        Assert.That(known.With(Fresh with { KeepsOffsets = true }).ApplyTo(Fresh).KeepsOffsets, Is.False);
    }

    [Test]
    public void A_limit_counts_once_a_fragment_of_that_size_was_accepted()
    {
        FragmentSizing limited = Measured with { Limit = 80 * MiB, AcksBeforeLimitIsTried = 512 };
        Assert.That(default(KnownHost).With(limited).ApplyTo(Fresh).Limit, Is.Null);
        FragmentSizing next = default(KnownHost).With(limited with { AcksAtLimit = 3 }).ApplyTo(Fresh);
        Assert.That((next.Limit, next.AcksAtLimit, next.AcksBeforeLimitIsTried, next.Size), Is.EqualTo((80 * MiB, 3, 512, 80 * MiB)));
    }

    [Test]
    public void Another_upload_may_have_learned_more_since_this_one_began()
    {
        KnownHost known = default(KnownHost).With(Measured with { Questions = default(Questions).Off });
        FragmentSizing next = known.With(Measured with { Size = 50 * MiB, LargestAccepted = 50 * MiB }).ApplyTo(Fresh);
        Assert.That((next.Size, next.AcceptedByHost, next.Questions.MayAsk), Is.EqualTo((50 * MiB, 80L * MiB, false)));
        FragmentSizing refused = known.With(Measured with { LargestAccepted = 40 * MiB, Limit = 40 * MiB }).ApplyTo(Fresh);
        Assert.That(refused.AcceptedByHost, Is.EqualTo(40 * MiB), "larger ones are refused now");
    }

    [Test]
    public void What_teaches_nothing_new_changes_nothing()
    {
        KnownHost known = default(KnownHost).With(Measured);
        Assert.That(known.With(Fresh), Is.EqualTo(known));
        Assert.That(known.With(Measured with { Questions = new Questions { IsCounted = true } }), Is.EqualTo(known));
    }
}
