using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>Up to where a saved checkpoint covers what is sent after it.</summary>
public sealed class SentCeilingTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

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

    private readonly ManualTimeProvider _time = new();
    private readonly SentCeiling _ceiling;

    public SentCeilingTests() => _ceiling = new SentCeiling(Interval, _time);

    [Test]
    public void The_first_fragment_is_covered_and_no_later_one()
    {
        Assert.That(_ceiling.Covers(Sending(0, 100)), Is.False, "nothing was saved yet");
        _ceiling.Raise(Sending(0, 100));
        Assert.That((_ceiling.Covers(Sending(0, 100)), _ceiling.Covers(Sending(0, 101))), Is.EqualTo((true, false)));
        Assert.That(EndOf(_ceiling), Is.EqualTo(100));
    }

    [Test]
    public void Fragments_that_follow_fast_are_covered_ahead_by_twice_as_much_each_time()
    {
        _ceiling.Raise(Sending(0, 100));
        _time.Advance(Interval - TimeSpan.FromTicks(1));
        _ceiling.Raise(Sending(100, 200));
        Assert.That(EndOf(_ceiling), Is.EqualTo(300), "the fragment, and as much again");
        _ceiling.Raise(Sending(300, 400));
        Assert.That(EndOf(_ceiling), Is.EqualTo(600));
        _time.Advance(Interval);
        _ceiling.Raise(Sending(600, 700));
        Assert.That(EndOf(_ceiling), Is.EqualTo(700), "it did not follow fast");
    }

    [Test]
    public void Another_session_is_not_covered_and_begins_without_what_was_ahead()
    {
        _ceiling.Raise(Sending(0, 100));
        UploadState next = Sending(0, 100) with { Ledger = new SessionLedger { Replaced = 1 } };
        Assert.That(_ceiling.Covers(next), Is.False, "a server may give two sessions the same id");
        Assert.That(_ceiling.AddTo(Saved, next), Is.SameAs(Saved));
        _ceiling.Raise(next);
        Assert.That(_ceiling.AddTo(Saved, next).BytesSentAtMost, Is.EqualTo(100));
    }

    [Test]
    public void An_exact_ceiling_covers_nothing_ahead()
    {
        SentCeiling exact = new(Interval, _time, isExact: true);
        exact.Raise(Sending(0, 100));
        exact.Raise(Sending(100, 200));
        Assert.That(EndOf(exact), Is.EqualTo(200));
        exact.RaiseToNext(Sending(200, 0));
        Assert.That(EndOf(exact), Is.EqualTo(200));
    }

    [Test]
    public void The_last_fragment_is_covered_only_when_it_is_sent()
    {
        _ceiling.Raise(Sending(700, 800));
        _ceiling.Raise(Sending(800, 950));
        Assert.That(EndOf(_ceiling), Is.EqualTo(999));
        Assert.That(_ceiling.Covers(Sending(950, 1000)), Is.False);
        _ceiling.Raise(Sending(950, 1000));
        Assert.That(EndOf(_ceiling), Is.EqualTo(1000));
    }

    [TestCase(0, 100)]
    [TestCase(900, 999, Description = "the last fragment is not covered ahead")]
    [TestCase(1000, 1000)]
    public void A_checkpoint_after_an_ack_covers_the_fragment_that_comes_next(long offset, long end)
    {
        _ceiling.RaiseToNext(Sending(offset, 0));
        Assert.That(EndOf(_ceiling), Is.EqualTo(end));
    }

    [Test]
    public void A_checkpoint_after_an_ack_forgets_what_was_ahead()
    {
        _ceiling.Raise(Sending(0, 100));
        _ceiling.Raise(Sending(100, 200));
        _ceiling.RaiseToNext(Sending(200, 0));
        Assert.That(EndOf(_ceiling), Is.EqualTo(300));
        _ceiling.Raise(Sending(300, 400));
        Assert.That(EndOf(_ceiling), Is.EqualTo(500), "the fragment, and as much again");
    }

    [Test]
    public void Without_a_session_nothing_is_covered()
    {
        _ceiling.RaiseToNext(State with { Session = null });
        Assert.That(EndOf(_ceiling), Is.Zero);
    }

    [Test]
    public void A_dropped_ceiling_covers_nothing_and_adds_nothing()
    {
        _ceiling.Raise(Sending(0, 100));
        _ceiling.Drop();
        Assert.That((_ceiling.Covers(Sending(0, 100)), EndOf(_ceiling)), Is.EqualTo((false, 0L)));
    }

    [Test]
    public void A_checkpoint_that_covers_more_is_left_as_it_is()
    {
        _ceiling.Raise(Sending(0, 100));
        BitsUploadCheckpoint more = Saved with { BytesSentAtMost = 100 };
        Assert.That(_ceiling.AddTo(more, State), Is.SameAs(more));
        Assert.That(_ceiling.AddTo(Saved with { BytesSentAtMost = 99 }, State).BytesSentAtMost, Is.EqualTo(100));
    }

    private static long EndOf(SentCeiling ceiling) => ceiling.AddTo(Saved, State).BytesSentAtMost!.Value;

    private static UploadState Sending(long offset, long end) =>
        State with { Session = State.Session! with { Offset = offset, SendingTo = end } };
}
