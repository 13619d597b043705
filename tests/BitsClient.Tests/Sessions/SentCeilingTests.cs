using BitsClient.Machine;
using BitsClient.Sessions;

namespace BitsClient.Tests.Sessions;

/// <summary>Up to where a saved checkpoint covers what is sent after it.</summary>
public sealed class SentCeilingTests
{
    private static readonly UploadState State = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 1000,
        Session = new OpenSession { Id = "id" },
        Sizing = new FragmentSizing { Size = 100 },
    };

    private static readonly BitsUploadCheckpoint Saved = new()
    {
        Url = State.Url,
        SessionId = "id",
        BytesAcknowledged = 0,
        BytesTotal = 1000,
        BytesSentAtMost = 0,
    };

    private readonly SentCeiling _ceiling = new(isExact: false);

    [Test]
    public void Nothing_is_covered_before_a_checkpoint_is_saved_and_what_was_saved_is_covered_then()
    {
        Assert.That(_ceiling.Covers(Sending(0, 100)), Is.False);
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 100 });
        Assert.That((_ceiling.Covers(Sending(0, 100)), _ceiling.Covers(Sending(0, 101))), Is.EqualTo((true, false)));
    }

    [Test]
    public void The_last_fragment_needs_a_checkpoint_that_says_that_the_file_may_be_complete()
    {
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 1000 });
        Assert.That((_ceiling.Covers(Sending(900, 999)), _ceiling.Covers(Sending(900, 1000))), Is.EqualTo((true, false)));
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 1000, MayBeComplete = true });
        Assert.That(_ceiling.Covers(Sending(900, 1000)), Is.True);
        _ceiling.Ahead(Sending(900, 0), Saved with { BytesSentAtMost = 1000 });
        Assert.That(_ceiling.Covers(Sending(900, 1000)), Is.False, "it is being replaced by one that says less");
    }

    [TestCase(1000, 1000, false, false, true)]
    [TestCase(1000, 999, false, false, false, Description = "more than one fragment")]
    [TestCase(1024 * 1024, 1024 * 1024, false, false, true)]
    [TestCase((1024 * 1024) + 1, 2 * 1024 * 1024, false, false, false, Description = "it pays to save that it is complete")]
    [TestCase(1000, 1000, true, false, false, Description = "its last ack has the URL of a reply")]
    [TestCase(1000, 1000, false, true, false, Description = "the checkpoint must be exact")]
    public void The_first_checkpoint_of_a_small_file_of_one_fragment_covers_all_of_it(
        long total, int size, bool wantsReply, bool isExact, bool covered)
    {
        SentCeiling ceiling = new(isExact);
        UploadState created = State with { Total = total, WantsReply = wantsReply, Sizing = new FragmentSizing { Size = size } };
        BitsUploadCheckpoint ahead = ceiling.Ahead(created, Saved with { BytesTotal = total });
        ceiling.Saved(created, ahead);
        UploadState complete = created with { Session = created.Session! with { Offset = total } };
        Assert.That((ahead.MayBeComplete, ceiling.CoversCompletion(complete)), Is.EqualTo((covered, covered)));
        Assert.That(ceiling.CoversCompletion(created), Is.False);
        ceiling.Drop();
        Assert.That(ceiling.CoversCompletion(complete), Is.False);
    }

    [TestCase(1000, false, 0, 0, true)]
    [TestCase(999, false, 0, 0, false, Description = "more than one fragment")]
    [TestCase(1000, true, 0, 0, false, Description = "a checkpoint of this session may say less")]
    [TestCase(1000, false, 0, 1000, false, Description = "the fragment was sent")]
    [TestCase(1000, false, 10, 0, false, Description = "the server has some of it")]
    public void Only_the_session_of_a_small_file_that_was_just_created_is_saved_beside_its_fragment(
        int size, bool resumed, long offset, long sendingTo, bool expected)
    {
        OpenSession session = State.Session! with { Resumed = resumed, Offset = offset, SendingTo = sendingTo };
        UploadState state = State with { Sizing = new FragmentSizing { Size = size }, Session = session };
        Assert.That(_ceiling.IsNewAndWhole(state), Is.EqualTo(expected));
        Assert.That(_ceiling.IsNewAndWhole(state with { Ledger = new SessionLedger { Replaced = 1 } }), Is.False, "not the first one");
    }

    [TestCase(0, 0, 300)]
    [TestCase(0, 100, 400, Description = "the next two fragments, the second of which may be twice as large")]
    [TestCase(200, 100, 500, Description = "a probe is sent again")]
    [TestCase(600, 700, 999, Description = "the last fragment is not covered ahead")]
    [TestCase(950, 1000, 1000, Description = "only when it is sent")]
    [TestCase(1000, 0, 1000)]
    public void The_next_checkpoint_covers_two_fragments_more(long offset, long end, long covered) =>
        Assert.That(_ceiling.EndAfter(Sending(offset, end)), Is.EqualTo(covered));

    [TestCase(0, 0, 0)]
    [TestCase(0, 100, 100)]
    [TestCase(200, 0, 200)]
    public void An_exact_one_covers_nothing_ahead(long offset, long end, long covered) =>
        Assert.That(new SentCeiling(isExact: true).EndAfter(Sending(offset, end)), Is.EqualTo(covered));

    [Test]
    public void The_next_checkpoint_covers_no_less_than_the_saved_one_because_a_fragment_may_be_on_its_way()
    {
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 800 });
        Assert.That(_ceiling.EndAfter(Sending(100, 0)), Is.EqualTo(800));
        Assert.That(_ceiling.EndAfter(Sending(600, 0)), Is.EqualTo(900));
        SentCeiling exact = new(isExact: true);
        exact.Saved(State, Saved with { BytesSentAtMost = 800 });
        Assert.That((exact.EndAfter(Sending(100, 0)), exact.EndAfter(Sending(900, 0))), Is.EqualTo((800, 900)));
    }

    [Test]
    public void Another_session_is_not_covered()
    {
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 800 });
        UploadState next = Sending(0, 100) with { Ledger = new SessionLedger { Replaced = 1 } };
        Assert.That(_ceiling.Covers(next), Is.False, "a server may give two sessions the same id");
        Assert.That(_ceiling.EndAfter(next), Is.EqualTo(400));
    }

    [Test]
    public void Without_a_session_nothing_is_covered() => Assert.That(_ceiling.EndAfter(State with { Session = null }), Is.Zero);

    [Test]
    public void A_dropped_ceiling_covers_nothing()
    {
        _ceiling.Saved(State, Saved with { BytesSentAtMost = 800 });
        _ceiling.Drop();
        Assert.That((_ceiling.Covers(Sending(0, 100)), _ceiling.EndAfter(Sending(0, 100))), Is.EqualTo((false, 400L)));
    }

    private static UploadState Sending(long offset, long end) =>
        State with { Session = State.Session! with { Offset = offset, SendingTo = end } };
}
