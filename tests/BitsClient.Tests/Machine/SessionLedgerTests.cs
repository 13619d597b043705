using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The last word about each session of an upload, and who may say it.</summary>
public sealed class SessionLedgerTests
{
    private static readonly Uri Url = new("http://bits.test/f.bin");
    private static readonly Uri Node = new("http://node7/f.bin");

    private static readonly UploadState OnNode = new()
    {
        Url = Url,
        Options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10 }.Checked("options")),
        Total = 30,
        Sizing = new FragmentSizing { Size = 10 },
        Session = new OpenSession { Id = "id", Host = new SessionHost("node7", Node, TimeSpan.Zero), HostWasReached = true },
    };

    private static readonly BitsAck Ack = new() { StatusCode = System.Net.HttpStatusCode.OK, IsAck = true };

    [Test]
    public void L2_The_next_host_cannot_say_that_a_session_is_gone_from_the_one_before()
    {
        UploadState left = HostRouting.MovedTo(OnNode, host: null);
        Assert.That(left.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Node, "id", SessionFate.Open, 0) }));
        UploadState gone = left.WithoutSession(SessionFate.Gone);
        Assert.That(gone.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
    }

    [Test]
    public void A_host_that_was_never_reached_has_no_session()
    {
        UploadState unreached = OnNode with { Session = OnNode.Session! with { HostWasReached = false } };
        Assert.That(HostRouting.MovedTo(unreached, host: null).Ledger.Entries, Is.Empty);
    }

    [Test]
    public void A_next_host_that_acknowledges_a_fragment_has_the_session_itself()
    {
        UploadState left = HostRouting.MovedTo(OnNode, host: null);
        BitsPacket fragment = UploadMachine.Next(left)!;
        UploadState sent = UploadMachine.Sent(left, fragment, new SentContent(10, 10));
        UploadState acked = UploadMachine.Apply(sent, fragment, Ack with { ReceivedOffset = 10, ReceivedOffsetText = "10" }, default).State;
        Assert.That(acked.Ledger.Entries, Is.Empty);
    }

    [Test]
    public void A_cancel_at_its_own_server_ends_one_session_and_no_other()
    {
        UploadState state = OnNode.WithLeftBehind(Node, "other").WithLeftBehind(Url, "other").WithLeftBehind(Url);
        UploadState ended = UploadMachine.Apply(state, new BitsPacket.CancelSession("other", Node), Ack, default).State;
        Assert.That(ended.IsOpen, Is.True, "it is another session");
        Assert.That(
            ended.Ledger.Entries.Select(entry => (entry.Target, entry.Fate)),
            Is.EqualTo(new[] { (Node, SessionFate.Canceled), (Url, SessionFate.Open), (Url, SessionFate.Unknown) }));
        Assert.That(ended.Ledger.ToEnd.Single().Target, Is.EqualTo(Url), "one without an id cannot be ended");
    }

    [Test]
    public void L4_An_answer_that_names_a_session_leaves_one_even_if_it_is_refused()
    {
        UploadState fresh = OnNode with { Session = null };
        BitsPacket create = UploadMachine.Next(fresh)!;
        BitsAck portal = Ack with { IsAck = false, SessionId = "id" };
        Transition refused = UploadMachine.Apply(fresh, create, portal, default);
        Assert.That(refused.Failure, Is.TypeOf<BitsProtocolException>());
        Assert.That(refused.State.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Url, "id", SessionFate.Open, 0) }));

        Transition redirected = UploadMachine.Apply(fresh, create, Ack with { SessionId = "id", RedirectedTo = Node }, default);
        Assert.That(redirected.Failure, Is.TypeOf<BitsProtocolException>());
        Assert.That(redirected.State.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Node, "id", SessionFate.Open, 0) }));
    }

    [Test]
    public void A_session_that_was_opened_behind_a_redirect_to_an_unusable_URL_cannot_be_ended()
    {
        UploadState fresh = OnNode with { Session = null };
        BitsAck elsewhere = Ack with { SessionId = "id", RedirectedTo = new Uri("ftp://bits.test/f.bin") };
        Transition redirected = UploadMachine.Apply(fresh, UploadMachine.Next(fresh)!, elsewhere, default);
        Assert.That(redirected.Failure, Is.TypeOf<BitsProtocolException>());
        Assert.That(redirected.State.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Url, null, SessionFate.Unknown, 0) }));
    }

    [Test]
    public void Another_session_of_a_checkpoint_is_open_if_its_id_is_known()
    {
        BitsUploadCheckpoint checkpoint = CheckpointMapping.ToCheckpoint(OnNode.WithLeftBehind(Node, "other").WithLeftBehind(Url))!;
        Assert.That(
            CheckpointMapping.ToState(checkpoint, OnNode.Options).Ledger.Entries,
            Is.EqualTo(new[] { new LedgerEntry(Node, "other", SessionFate.Open), new LedgerEntry(Url, null, SessionFate.Unknown) }));
    }

    [Test]
    public void A_server_that_does_not_end_a_session_is_named_in_the_error()
    {
        BitsAck busy = new() { StatusCode = System.Net.HttpStatusCode.ServiceUnavailable };
        Transition refused = UploadMachine.Apply(OnNode, new BitsPacket.CancelSession("other", Url), busy, default);
        Assert.That(refused.Failure, Has.Property("Url").EqualTo(Url));
        refused = UploadMachine.Apply(OnNode, new BitsPacket.CancelSession("id"), busy, default);
        Assert.That(refused.Failure, Has.Property("Url").EqualTo(Node), "the session of the upload is there");
    }

    [Test]
    public void A_checkpoint_without_a_session_begins_at_the_first_byte_and_still_knows_the_others()
    {
        UploadState left = (OnNode with { Session = null }).WithLeftBehind(Node, "other");
        BitsUploadCheckpoint checkpoint = CheckpointMapping.ToCheckpoint(left)!;
        Assert.That((checkpoint.SessionId, checkpoint.OtherSessions.Single().SessionId), Is.EqualTo(((string?)null, "other")));
        UploadState read = CheckpointMapping.ToState(checkpoint, left.Options);
        Assert.That(UploadMachine.Next(read), Is.TypeOf<BitsPacket.CreateSession>());
        Assert.That(read.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Node, "other", SessionFate.Open) }));
    }

    [Test]
    public void Nothing_is_left_once_the_upload_is_closed_or_no_session_has_an_id()
    {
        UploadState left = OnNode with { Session = null };
        Assert.That(CheckpointMapping.ToCheckpoint(left.WithLeftBehind(Url)), Is.Null);
        Assert.That(CheckpointMapping.ToCheckpoint(left.WithLeftBehind(Node, "other") with { Closed = true }), Is.Null);
    }

    [Test]
    public void L2_A_named_host_that_never_acknowledged_the_session_cannot_end_it_for_the_URLs_own()
    {
        Assert.That(
            OnNode.WithoutSession(SessionFate.Gone).Ledger.Entries,
            Is.EqualTo(new[] { new LedgerEntry(Url, "id", SessionFate.Open, 0), new LedgerEntry(Node, "id", SessionFate.Gone, 0) }));
        Assert.That(
            OnNode.WithoutSession(SessionFate.Canceled).Ledger.Entries,
            Is.EqualTo(new[] { new LedgerEntry(Node, "id", SessionFate.Canceled, 0) }),
            "a host that canceled the session had it");
        UploadState acked = OnNode with { Session = OnNode.Session! with { HostAcked = true } };
        Assert.That(acked.WithoutSession(SessionFate.Gone).Ledger.MayBeOpen, Is.False);

        BitsAck notFound = new()
        {
            StatusCode = System.Net.HttpStatusCode.InternalServerError,
            IsAck = true,
            ErrorCode = BitsHResult.SessionNotFound,
        };
        UploadState canceled = UploadMachine.Apply(OnNode, new BitsPacket.CancelSession("id"), notFound, default).State;
        Assert.That((canceled.Outcome, canceled.Ledger.ToEnd.Single().Target), Is.EqualTo((BitsCancelOutcome.Unconfirmed, Url)));
    }

    [Test]
    public void C5_A_session_that_was_closed_is_not_left_at_an_earlier_host()
    {
        UploadState complete = OnNode with { Session = OnNode.Session! with { Offset = 30, Acknowledged = 30, HighestSent = 30 } };
        UploadState left = HostRouting.MovedTo(complete, host: null);
        UploadState closed = UploadMachine.Apply(left, UploadMachine.Next(left)!, Ack, default).State;
        Assert.That((closed.Closed, closed.Ledger.Entries.Count), Is.EqualTo((true, 0)));
    }

    [Test]
    public void An_ack_of_a_session_says_nothing_about_an_earlier_one_with_the_same_id()
    {
        UploadState earlier = (OnNode with { Session = null, Ledger = new SessionLedger { Replaced = 1 } }) with
        {
            Session = new OpenSession { Id = "id" },
        };
        UploadState state = earlier with
        {
            Ledger = earlier.Ledger.With(new LedgerEntry(Node, "id", SessionFate.Open, 0)),
        };
        Assert.That(state.WithSessionHere().Ledger.Entries, Has.Count.EqualTo(1));
        Assert.That(state.WithLeftBehind(Node, "id").WithSessionHere().Ledger.Entries, Has.Count.EqualTo(1), "the current one alone");
    }

    [Test]
    public void A_checkpoint_knows_that_a_canceled_session_may_have_stored_the_file()
    {
        UploadState canceled = OnNode.WithLeftBehind(Node, "other") with
        {
            Session = OnNode.Session! with { LastFragmentUnanswered = true },
            Canceled = true,
        };
        BitsUploadCheckpoint checkpoint = CheckpointMapping.ToCheckpoint(canceled)!;
        Assert.That((checkpoint.SessionId, checkpoint.EarlierSessionMayBeComplete), Is.EqualTo(((string?)null, true)));
    }
}
