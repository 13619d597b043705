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
}
