using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Sessions;

namespace BitsClient.Tests.Machine;

/// <summary>Which host the packets of a session go to, and when they leave it. The time is passed as a value.</summary>
public sealed class HostRoutingTests
{
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private static readonly UploadState Fresh = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = Rules(BitsHostIdPolicy.Follow),
        Total = 100,
        Sizing = new FragmentSizing { Size = 10, Limit = 10, LargestAccepted = 10, AcksAtLimit = 3 },
    };

    private static readonly UploadState AtNode = Created(Fresh, "node7", TimeSpan.FromSeconds(60)).State;

    [Test]
    public void A_host_id_sends_a_ping_there_and_then_the_fragments()
    {
        Assert.That(AtNode.Target.AbsoluteUri, Is.EqualTo("http://node7/f.bin"));
        Assert.That(UploadMachine.Next(AtNode), Is.TypeOf<BitsPacket.Ping>());
        UploadState greeted = Apply(AtNode, Ack()).State;
        Assert.That(UploadMachine.Next(greeted), Is.EqualTo(new BitsPacket.Fragment("id", null, 0, 10, 100)));
        Assert.That(greeted.Target, Is.EqualTo(AtNode.Target));
    }

    [Test]
    public void A_refused_ping_is_sent_again()
    {
        Transition transition = Apply(AtNode, new BitsAck { StatusCode = HttpStatusCode.ServiceUnavailable });
        Assert.That(transition.Failure, Is.TypeOf<BitsServerException>().With.Property("Url").EqualTo(AtNode.Target));
        Assert.That(UploadMachine.Next(transition.State), Is.TypeOf<BitsPacket.Ping>());
    }

    [Test]
    public void Without_a_host_id_nothing_is_pinged()
    {
        UploadState created = Created(Fresh, hostId: null).State;
        Assert.That(created.Target, Is.EqualTo(Fresh.Url));
        Assert.That(UploadMachine.Next(created), Is.TypeOf<BitsPacket.Fragment>());
    }

    [Test]
    public void Limits_learned_from_one_host_do_not_apply_to_another()
    {
        Assert.That((AtNode.Sizing.Limit, AtNode.Sizing.LargestAccepted, AtNode.Sizing.AcksAtLimit), Is.EqualTo(((int?)null, 0L, 0)));
        UploadState limited = AtNode with { Sizing = AtNode.Sizing with { Limit = 5 } };
        UploadState back = HostRouting.Routed(HostRouting.Unreached(limited, TimeSpan.Zero), TimeSpan.FromSeconds(60));
        Assert.That(back.Sizing.Limit, Is.Null);
        UploadState known = Fresh with { Session = new OpenSession { Id = "id" } };
        Assert.That(HostRouting.MovedTo(known, host: null).Sizing.Limit, Is.EqualTo(known.Sizing.Limit), "it is the same host");
    }

    [Test]
    public void Limits_are_learned_from_the_host_that_receives_the_packets()
    {
        KnownHosts limits = new();
        limits.Learn(AtNode with { Sizing = AtNode.Sizing with { Limit = 7 } });
        Assert.That(limits.Apply(AtNode).Sizing.Limit, Is.Null, "no fragment of that size was accepted yet");
        limits.Learn(AtNode with { Sizing = AtNode.Sizing with { Limit = 7, AcksAtLimit = 3 } });
        Assert.That(limits.Apply(AtNode).Sizing, Is.EqualTo(AtNode.Sizing with { Limit = 7, Size = 7, AcksAtLimit = 3 }));
        Assert.That(
            limits.Apply(AtNode with { Sizing = AtNode.Sizing with { Limit = 8 } }).Sizing.Limit,
            Is.EqualTo(8),
            "the session's own limit counts");
        Assert.That(limits.Apply(Fresh with { Sizing = Fresh.Sizing with { Limit = null } }).Sizing.Limit, Is.Null);
    }

    [Test]
    public void Limits_learned_from_a_named_host_are_forgotten_with_its_session()
    {
        UploadState limited = AtNode with { Sizing = AtNode.Sizing with { Limit = 5, LargestAccepted = 5 } };
        Assert.That(limited.WithoutSession(SessionFate.Gone).Sizing, Is.EqualTo(new FragmentSizing { Size = 10 }));
        UploadState alone = Fresh with { Session = new OpenSession { Id = "id" } };
        Assert.That(alone.WithoutSession(SessionFate.Gone).Sizing, Is.EqualTo(Fresh.Sizing), "the next session is at the same host");
    }

    [Test]
    public void Nothing_is_known_of_what_the_next_host_has_but_nothing_is_left_to_doubt_of_a_complete_file()
    {
        SessionHost next = new("node8", new Uri("http://node8/f.bin"), Fallback: null);
        UploadState known = AtNode with
        {
            Session = AtNode.Session! with { HostWasReached = true, HostAcked = true, Offset = 50, Acknowledged = 50, HighestSent = 50 },
        };
        OpenSession moved = HostRouting.MovedTo(known, next).Session!;
        Assert.That((moved.HostWasReached, moved.HostAcked, moved.Doubtful), Is.EqualTo((false, false, true)));
        UploadState complete = known with { Session = known.Session! with { Offset = 100, Acknowledged = 100, HighestSent = 100 } };
        Assert.That(HostRouting.MovedTo(complete, next).Session!.Doubtful, Is.False);
    }

    [Test]
    public void A_probe_that_one_host_did_not_understand_is_sent_to_the_next()
    {
        UploadState useless = AtNode with
        {
            Session = AtNode.Session! with { Offset = 50, Acknowledged = 50, HighestSent = 60, Doubtful = true, IsProbeUseless = true },
        };
        Assert.That(useless.NeedsProbe, Is.False);
        Assert.That(HostRouting.MovedTo(useless, host: null).NeedsProbe, Is.True);
    }

    [Test]
    public void A_packet_without_an_answer_may_have_reached_the_named_host_unless_it_ends_another_session()
    {
        UploadState unreached = AtNode with { Session = AtNode.Session! with { HostWasReached = false } };
        Assert.That(UploadMachine.Unanswered(unreached, new BitsPacket.Ping()).Session!.HostWasReached, Is.True);
        Assert.That(
            UploadMachine.Unanswered(unreached, new BitsPacket.CancelSession("other", Fresh.Url)),
            Is.SameAs(unreached),
            "it went to another server");
    }

    [Test]
    public void Only_an_ack_of_the_sessions_own_packets_shows_that_the_named_host_has_it()
    {
        UploadState greeted = Apply(AtNode, Ack()).State;
        Assert.That((greeted.Session!.HostWasReached, greeted.Session.HostAcked), Is.EqualTo((true, false)), "a Ping names no session");
        UploadState sent = UploadMachine.Sent(greeted, UploadMachine.Next(greeted)!, new SentContent(10, 10));
        Assert.That(Apply(sent, Ack()).State.Session!.HostAcked, Is.True);
        UploadState refused = Apply(sent, Ack() with { StatusCode = HttpStatusCode.ServiceUnavailable }).State;
        Assert.That(refused.Session!.HostAcked, Is.False);
    }

    [Test]
    public void An_ack_of_another_session_says_nothing_about_the_named_host()
    {
        BitsPacket other = new BitsPacket.CancelSession("other", Fresh.Url);
        OpenSession session = UploadMachine.Apply(AtNode, other, Ack(), TimeSpan.Zero).State.Session!;
        Assert.That((session.HostWasReached, session.HostAcked), Is.EqualTo((false, false)));
    }

    [TestCase("http://evil.test/")]
    [TestCase("user@evil.test")]
    public void An_invalid_host_is_an_error_that_names_it_and_the_session_can_be_canceled_where_it_was_created(string hostId)
    {
        Transition transition = Created(Fresh, hostId);
        Assert.That(
            transition.Failure,
            Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Host-Id")
                .And.Property("Value").EqualTo(hostId).And.Property("Url").EqualTo(Fresh.Url));
        Assert.That(transition.Failure!.Message, Does.EndWith("it must be a host, with or without a port."));
        Assert.That(transition.State.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(Fresh.Url, "id", SessionFate.Open, 0) }));
        Assert.That(transition.State.Target, Is.EqualTo(Fresh.Url));
    }

    [Test]
    public void A_host_that_the_callers_policy_does_not_accept_is_an_error()
    {
        Transition refused = Apply(Fresh, Ack() with { SessionId = "id", HostId = "evil.test", HostObjection = "the list lacks it." });
        Assert.That(refused.Failure, Is.TypeOf<BitsProtocolException>().With.Message.EndsWith("the list lacks it."));
        Assert.That(refused.State.Ledger.ToEnd.Single().Id, Is.EqualTo("id"));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("\t")]
    public void An_empty_host_id_is_none(string hostId)
    {
        UploadState created = Created(Fresh, hostId, TimeSpan.FromSeconds(60)).State;
        Assert.That(created.Target, Is.EqualTo(Fresh.Url));
        Assert.That(UploadMachine.Next(created), Is.TypeOf<BitsPacket.Fragment>());
    }

    [TestCase("node7")]
    [TestCase("http://evil.test/")]
    public void The_Ignore_policy_ignores_even_an_invalid_host(string hostId)
    {
        Transition transition = Created(Fresh with { Options = Rules(BitsHostIdPolicy.Ignore) }, hostId);
        Assert.That(transition.Failure, Is.Null);
        Assert.That(transition.State.Target, Is.EqualTo(Fresh.Url));
        Assert.That(UploadMachine.Next(transition.State), Is.TypeOf<BitsPacket.Fragment>());
    }

    [Test]
    public void An_unreachable_host_is_left_when_its_fallback_time_has_elapsed_since_the_first_failure()
    {
        UploadState halfway = AtNode with
        {
            Session = AtNode.Session! with { PingDue = false, Offset = 50, Acknowledged = 50, HighestSent = 60 },
            Budget = AtNode.Budget with { Retries = 3 },
        };
        UploadState first = HostRouting.Unreached(halfway, TimeSpan.FromSeconds(100));
        UploadState second = HostRouting.Unreached(first, TimeSpan.FromSeconds(130));
        Assert.That(HostRouting.Routed(second, TimeSpan.FromSeconds(159.9)).Target, Is.EqualTo(AtNode.Target));

        UploadState back = HostRouting.Routed(second, TimeSpan.FromSeconds(160));
        Assert.That(back.Target, Is.EqualTo(Fresh.Url));
        Assert.That(
            (back.Session?.Id, back.Offset, back.Budget.Retries),
            Is.EqualTo(("id", 50L, 0)),
            "the same session, and a full retry budget");
        Assert.That(back.Session!.UnreachedSince, Is.Null);
    }

    [Test]
    public void A_ping_that_never_got_an_answer_is_not_sent_to_the_URLs_own_host()
    {
        UploadState back = HostRouting.Routed(HostRouting.Unreached(AtNode, TimeSpan.Zero), TimeSpan.FromSeconds(60));
        Assert.That(UploadMachine.Next(back), Is.TypeOf<BitsPacket.Fragment>());
    }

    [TestCase(200, true)]
    [TestCase(503, true)]
    [TestCase(503, false, Description = "a busy host says it as well")]
    [TestCase(502, true, Description = "a BITS server said it")]
    [TestCase(504, true)]
    public void An_answer_of_the_host_stops_the_fallback_time(int status, bool isAck) =>
        Assert.That(TargetAfterAnswer(status, isAck), Is.EqualTo(AtNode.Target));

    [TestCase(502)]
    [TestCase(504)]
    public void The_answer_of_a_gateway_that_cannot_reach_the_host_does_not_stop_it(int status) =>
        Assert.That(TargetAfterAnswer(status, isAck: false), Is.EqualTo(AtNode.Url));

    [Test]
    public void Without_a_fallback_time_the_host_is_never_left()
    {
        UploadState unreached = HostRouting.Unreached(Created(Fresh, "node7").State, TimeSpan.Zero);
        Assert.That(HostRouting.Routed(unreached, TimeSpan.MaxValue).Target, Is.EqualTo(AtNode.Target));
        UploadState alone = Fresh with { Session = new OpenSession { Id = "id" } };
        Assert.That(HostRouting.Unreached(alone, TimeSpan.Zero), Is.SameAs(alone), "the URL's own host is not left either");
    }

    [Test]
    public void While_the_fallback_time_runs_only_the_retry_that_began_it_is_counted()
    {
        UploadState first = UploadRecovery.Apply(AtNode, new BitsPacket.Ping(), NoAnswer, Remedy.Retry).State;
        UploadState state = HostRouting.Unreached(first, TimeSpan.Zero);
        for (int i = 0; i < 20; i++)
        {
            Transition transition = UploadRecovery.Apply(state, new BitsPacket.Ping(), NoAnswer, Remedy.Retry);
            Assert.That(transition.Failure, Is.Null);
            state = transition.State;
        }

        Assert.That((state.Budget.Retries, state.Tally.Retries), Is.EqualTo((1, 21)));
    }

    [TestCase(BitsFailureReason.Network, true)]
    [TestCase(BitsFailureReason.Source, false)]
    [TestCase(BitsFailureReason.Pipeline, false, Description = "a strategy of the caller says nothing about the host")]
    public void Only_a_failure_of_the_connection_is_that_of_the_host(BitsFailureReason reason, bool isOfHost)
    {
        BitsUploadException failure = new("no answer") { IsTransient = true, Reason = reason };
        Assert.That(HostRouting.MeansUnreached(failure, Remedy.Retry), Is.EqualTo(isOfHost));
        BitsUploadException final = new("no") { Reason = reason };
        Assert.That(HostRouting.MeansUnreached(final, Remedy.Stop), Is.False, "it is not transient");
    }

    [Test]
    public void A_session_that_is_given_up_is_not_worth_the_fallback_time()
    {
        BitsServerException gateway = new("502", HttpStatusCode.BadGateway) { IsTransient = true };
        UploadState state = HostRouting.Unreached(AtNode, TimeSpan.Zero);
        UploadState answered = UploadRecovery.Apply(state, new BitsPacket.CancelSession("id"), gateway, Remedy.Retry).State;
        UploadState unanswered = UploadRecovery.Apply(state, new BitsPacket.CancelSession("id"), NoAnswer, Remedy.Retry).State;
        Assert.That((answered.Budget.Retries, unanswered.Budget.Retries), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_new_session_begins_at_the_URLs_own_host()
    {
        BitsAck notFound = Ack() with { StatusCode = HttpStatusCode.InternalServerError, ErrorCode = BitsHResult.SessionNotFound };
        UploadState pinged = AtNode with { Session = AtNode.Session! with { PingDue = false } };
        BitsServerException lost = (BitsServerException)Apply(pinged, notFound).Failure!;
        BitsPacket.Fragment fragment = new("id", null, 0, 10, 100);
        UploadState replaced = UploadRecovery.Apply(AtNode, fragment, lost, Remedy.NewSession).State;
        Assert.That(UploadMachine.Next(replaced), Is.TypeOf<BitsPacket.CreateSession>());
        Assert.That(replaced.Target, Is.EqualTo(Fresh.Url));
    }

    [Test]
    public void The_fallback_time_does_not_pass_while_nothing_is_sent()
    {
        UploadState unreached = HostRouting.Unreached(AtNode, TimeSpan.Zero);
        UploadState begun = UploadMachine.Begun(unreached);
        Assert.That(HostRouting.Routed(begun, TimeSpan.FromHours(1)).Target, Is.EqualTo(AtNode.Target));
    }

    [TestCase(20, true)]
    [TestCase(50, false)]
    public void A_host_that_has_less_than_was_acknowledged_does_not_have_the_session_of_the_one_before(long offset, bool isLeft)
    {
        UploadState atNode = AtNode with
        {
            Session = AtNode.Session! with { HostWasReached = true, HostAcked = true, Offset = 50, Acknowledged = 50, HighestSent = 50 },
        };
        UploadState moved = HostRouting.MovedTo(atNode, host: null);
        BitsAck ack = Ack() with
        {
            StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable,
            ReceivedOffset = offset,
            ReceivedOffsetText = $"{offset}",
        };
        UploadState there = UploadMachine.Apply(moved, new BitsPacket.Fragment("id", null, 50, 5, 100), ack, TimeSpan.Zero).State;
        Assert.That(there.Ledger.ToEnd.Any(), Is.EqualTo(isLeft));
    }

    private static MachineOptions Rules(BitsHostIdPolicy policy) =>
        MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10, HostIdPolicy = policy }.Checked("options"));

    // A day after the host could not be reached for the first time, and this answer came.
    private static Uri TargetAfterAnswer(int status, bool isAck)
    {
        UploadState unreached = HostRouting.Unreached(AtNode, TimeSpan.Zero);
        UploadState heard = Apply(unreached, Ack() with { StatusCode = (HttpStatusCode)status, IsAck = isAck }).State;
        return HostRouting.Routed(heard, TimeSpan.FromDays(1)).Target;
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static Transition Created(UploadState state, string? hostId, TimeSpan? fallback = null) =>
        Apply(state, Ack() with { SessionId = "id", HostId = hostId, HostIdFallback = fallback });

    private static Transition Apply(UploadState state, BitsAck ack) =>
        UploadMachine.Apply(state, UploadMachine.Next(state)!, ack, TimeSpan.Zero);
}
