using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>Which packet comes next, and what its ack means.</summary>
public sealed class UploadMachineTests
{
    private static readonly UploadState Fresh = new()
    {
        Url = new Uri("http://host/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10 }.Checked("options")),
        ContentName = "f.bin",
        Total = 30,
        Sizing = new FragmentSizing { Size = 10 },
    };

    private static readonly UploadState Created = Fresh with { Session = new OpenSession { Id = "id" } };

    private static readonly UploadState PingDue = Created with { Session = Created.Session! with { PingDue = true } };

    private static readonly UploadState At10 =
        Created with { Session = Created.Session! with { Offset = 10, Acknowledged = 10, HighestSent = 10 } };

    private static readonly UploadState Complete = Created with { Session = Created.Session! with { Offset = 30 } };

    [Test]
    public void First_a_session_is_created() =>
        Assert.That(UploadMachine.Next(Fresh), Is.EqualTo(new BitsPacket.CreateSession("f.bin")));

    [TestCase(0, 10)]
    [TestCase(10, 10)]
    [TestCase(25, 5)]
    [TestCase(29, 1)]
    public void Then_fragments_follow_from_the_offset_the_server_wants(long offset, long length) =>
        Assert.That(
            UploadMachine.Next(Created with { Session = Created.Session! with { Offset = offset } }),
            Is.EqualTo(new BitsPacket.Fragment("id", "f.bin", offset, length, Total: 30)));

    [Test]
    public void When_every_byte_is_acknowledged_the_session_is_closed() =>
        Assert.That(UploadMachine.Next(Complete), Is.EqualTo(new BitsPacket.CloseSession("id", "f.bin")));

    [Test]
    public void When_it_is_closed_nothing_is_left_to_send() =>
        Assert.That(UploadMachine.Next(Complete with { Closed = true }), Is.Null);

    [TestCase("{7DF0354D-249B-430F-820D-3D2A9BEF4931}")]
    [TestCase("")]
    [TestCase(null)]
    public void The_protocol_of_the_create_ack_may_be_in_another_case_or_missing(string? protocol)
    {
        Transition transition = Apply(Fresh, Ack() with { SessionId = "id", Protocol = protocol });
        Assert.That(transition.Failure, Is.Null);
        Assert.That(transition.State.Session?.Id, Is.EqualTo("id"));
    }

    [Test]
    public void Another_protocol_is_an_error_but_the_session_is_known_and_can_be_canceled()
    {
        Transition transition = Apply(Fresh, Ack() with { SessionId = "id", Protocol = "{00000000-0000-0000-0000-000000000000}" });
        Assert.That(transition.Failure, Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Protocol"));
        Assert.That(transition.State.Ledger.ToEnd.Single().Id, Is.EqualTo("id"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("é")]
    [TestCase("a\u0001b")]
    public void A_create_ack_without_a_usable_session_id_is_an_error(string? id) =>
        Assert.That(
            Apply(Fresh, Ack() with { SessionId = id }).Failure,
            Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Session-Id"));

    [TestCase(4096, true)]
    [TestCase(4097, false)]
    public void A_session_id_has_at_most_the_length_of_a_header_value(int length, bool fits)
    {
        Transition transition = Apply(Fresh, Ack() with { SessionId = new string('i', length) });
        Assert.That(
            transition.Failure,
            fits ? Is.Null : Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Session-Id"));
    }

    [TestCase("ID")]
    [TestCase("another")]
    [TestCase("")]
    public void A_session_id_on_other_acks_is_ignored(string id)
    {
        BitsAck ack = Ack() with { SessionId = id };
        foreach (UploadState state in new[] { PingDue, Created, Complete })
        {
            Transition transition = Apply(state, ack);
            Assert.That(transition.Failure, Is.Null, $"{UploadMachine.Next(state)}");
            Assert.That(transition.State.Session?.Id, Is.EqualTo("id"), $"{UploadMachine.Next(state)}");
        }

        Assert.That(UploadMachine.Apply(Created, new BitsPacket.CancelSession("id"), ack, TimeSpan.Zero).State.Canceled, Is.True);
    }

    [TestCase(20, 30)]
    [TestCase(10, 20)]
    public void A_missing_range_means_that_the_whole_fragment_was_received(long offset, long expected) =>
        Assert.That(
            Apply(Created with { Session = Created.Session! with { Offset = offset, Acknowledged = offset } }, Ack()).State.Offset,
            Is.EqualTo(expected));

    [TestCase(20, Description = "all of it")]
    [TestCase(15, Description = "half of it")]
    [TestCase(10, Description = "nothing of it")]
    [TestCase(3, Description = "less than before")]
    [TestCase(0)]
    public void The_servers_offset_wins(long offset)
    {
        Transition transition = Apply(At10, At(offset));
        Assert.That(transition.Failure, Is.Null);
        Assert.That(transition.State.Offset, Is.EqualTo(offset));
        Assert.That(transition.State.Acknowledged, Is.EqualTo(Math.Max(10, offset)), "Acknowledged never decreases");
    }

    [Test]
    public void A_416_reports_the_servers_offset()
    {
        BitsAck mismatch = At(5) with { StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable, ErrorCode = 0x80070057 };
        Transition transition = Apply(At10, mismatch);
        Assert.That(transition.Failure, Is.Null);
        Assert.That(transition.State.Offset, Is.EqualTo(5));
        Assert.That(transition.State.Tally.Fragments, Is.Zero, "it acknowledged no fragment");
    }

    [Test]
    public void Bytes_sent_earlier_in_the_session_may_be_acknowledged_later() =>
        Assert.That(
            Apply(Created with { Session = Created.Session! with { Offset = 0, HighestSent = 28 } }, At(28)).State.Offset,
            Is.EqualTo(28));

    [TestCase("21", 21)]
    [TestCase("31", 31)]
    [TestCase("9223372036854775807", long.MaxValue)]
    [TestCase("-1", null)]
    [TestCase("none", null)]
    [TestCase("0-9/30", null)]
    [TestCase("", null)]
    public void A_servers_offset_never_makes_the_upload_skip_bytes(string text, long? offset)
    {
        Transition transition = Apply(At10, Ack() with { ReceivedOffsetText = text, ReceivedOffset = offset });
        Assert.That(transition.Failure, Is.TypeOf<BitsProtocolException>().With.Property("Value").EqualTo(text));
        Assert.That(transition.State.Offset, Is.EqualTo(10));
    }

    [Test]
    public void Text_from_a_server_is_shortened_and_shown_without_control_characters()
    {
        Transition transition = Apply(Created, Ack() with { ReceivedOffsetText = "\u001b[2J" + new string('9', 5000) });
        Assert.That(transition.Failure!.Message, Has.Length.LessThan(400));
        Assert.That(transition.Failure.Message.Where(char.IsControl), Is.Empty);
    }

    [Test]
    public void A_missing_range_moves_on_only_over_bytes_that_were_sent()
    {
        BitsPacket fragment = UploadMachine.Next(Created)!;
        UploadState halfSent = UploadMachine.Sent(Created, fragment, new SentContent(5, 5));
        Assert.That(UploadMachine.Apply(halfSent, fragment, Ack(), TimeSpan.Zero).Failure, Is.TypeOf<BitsProtocolException>());
    }

    [Test]
    public void A_server_that_makes_no_progress_is_an_error()
    {
        UploadState state = Created;
        int acks = 0;
        while (true)
        {
            Transition transition = Apply(state, At(0));
            state = transition.State;
            acks++;
            if (transition.Failure is not null)
            {
                Assert.That(transition.Failure, Is.TypeOf<BitsProtocolException>());
                Assert.That(acks, Is.EqualTo(6));
                return;
            }
        }
    }

    [Test]
    public void Going_back_and_forth_without_net_progress_is_an_error()
    {
        UploadState state = At10;
        int acks = 0;
        BitsUploadException? failure = null;
        while (failure is null)
        {
            (state, failure) = Apply(state, At(acks++ % 2 == 0 ? 0 : 10));
        }

        Assert.That(acks, Is.EqualTo(11), "six times back and five times forth");
    }

    [Test]
    public void A_server_that_is_far_behind_may_take_many_acks_to_catch_up()
    {
        UploadState ahead =
            Created with { Total = 100, Session = Created.Session! with { Offset = 90, Acknowledged = 90, HighestSent = 90 } };
        UploadState state = Apply(ahead, At(0)).State;
        for (int offset = 10; offset <= 90; offset += 10)
        {
            Transition transition = Apply(state, At(offset));
            Assert.That(transition.Failure, Is.Null);
            state = transition.State;
        }

        Assert.That(state.Offset, Is.EqualTo(90));
    }

    [Test]
    public void A_200_without_an_ack_is_an_error_for_every_packet()
    {
        BitsAck login = Ack() with { IsAck = false };
        UploadState discarding = Created with { Session = Created.Session! with { Discarding = true } };
        foreach (UploadState state in new[] { Fresh, PingDue, Created, Complete, discarding })
        {
            Transition transition = Apply(state, login);
            Assert.That(transition.Failure, Is.TypeOf<BitsProtocolException>().With.Message.Contains("not a BITS server"));
            Assert.That(UploadMachine.Next(transition.State), Is.EqualTo(UploadMachine.Next(state)), "the packet is sent again");
        }
    }

    [Test]
    public void A_refusal_names_the_status_the_code_and_who_failed()
    {
        BitsAck refusal = Ack() with { StatusCode = HttpStatusCode.InternalServerError, ErrorCode = 0x80200020, ErrorContext = 5 };
        BitsServerException refused = (BitsServerException)Apply(Created, refusal).Failure!;
        Assert.That(
            refused.Message,
            Is.EqualTo(
                "Fragment to http://host/f.bin (session id): the server answered 500 with 0x80200020 BG_E_TOO_LARGE "
                + "from the server itself."));
        Assert.That(refused.HResult, Is.EqualTo(unchecked((int)0x80200020)));
        Assert.That(refused.ErrorName, Is.EqualTo("BG_E_TOO_LARGE"));
        Assert.That(refused.PacketType, Is.EqualTo(BitsPacketType.Fragment));
        Assert.That(refused.SessionId, Is.EqualTo("id"));
    }

    [TestCase(null, "with 0x80070005 E_ACCESSDENIED.")]
    [TestCase(0x5u, "with 0x80070005 E_ACCESSDENIED from the server itself.")]
    [TestCase(0x7u, "with 0x80070005 E_ACCESSDENIED from the application behind the server.")]
    [TestCase(0x9u, "with 0x80070005 E_ACCESSDENIED in context 0x9.")]
    public void The_context_of_an_error_says_who_failed(uint? context, string expected)
    {
        BitsAck refusal = Ack() with { StatusCode = HttpStatusCode.Forbidden, ErrorCode = 0x80070005, ErrorContext = context };
        Assert.That(Apply(Created, refusal).Failure, Is.TypeOf<BitsServerException>().With.Message.EndsWith(expected));
    }

    [Test]
    public void An_error_says_that_uploads_are_not_enabled()
    {
        BitsAck refusal = Ack() with { StatusCode = HttpStatusCode.NotImplemented, ErrorCode = 0x80070005, ErrorContext = 0x5 };
        Assert.That(Apply(Fresh, refusal).Failure, Is.TypeOf<BitsServerException>().With.Message.Contains("BITS uploads are not enabled"));
    }

    [TestCase(400)]
    [TestCase(404)]
    [TestCase(405)]
    [TestCase(501)]
    public void An_error_says_that_the_server_may_not_know_the_verb(int status) =>
        Assert.That(
            Apply(Fresh, new BitsAck { StatusCode = (HttpStatusCode)status }).Failure,
            Is.TypeOf<BitsServerException>().With.Message.Contains("BITS uploads are not enabled")
                .And.Property("HResult").EqualTo(unchecked((int)(0x80190000 + (uint)status))));

    [TestCase(500, true)]
    [TestCase(503, true)]
    [TestCase(408, true)]
    [TestCase(429, true)]
    [TestCase(501, false)]
    [TestCase(505, false)]
    [TestCase(403, false)]
    public void Some_refusals_are_transient(int status, bool transient) =>
        Assert.That(
            Apply(Created, new BitsAck { StatusCode = (HttpStatusCode)status }).Failure, Has.Property("IsTransient").EqualTo(transient));

    [Test]
    public void An_error_code_on_a_success_is_ignored() =>
        Assert.That(Apply(Created, Ack() with { ErrorCode = 0x80070057 }).Failure, Is.Null);

    [TestCase(200, null, true)]
    [TestCase(500, 0x8020001F, true)]
    [TestCase(404, 0x8020001F, true)]
    [TestCase(500, null, false)]
    [TestCase(404, null, false)]
    public void A_cancel_is_done_when_it_is_acked_or_the_session_is_unknown(int status, uint? code, bool canceled)
    {
        BitsAck ack = Ack() with { StatusCode = (HttpStatusCode)status, ErrorCode = code };
        Transition transition = UploadMachine.Apply(Created, new BitsPacket.CancelSession("id"), ack, TimeSpan.Zero);
        Assert.That(transition.State.Canceled, Is.EqualTo(canceled));
        Assert.That(transition.Failure, canceled ? Is.Null : Is.TypeOf<BitsServerException>());
    }

    [Test]
    public void Sending_the_last_bytes_is_remembered_until_an_ack_reports_their_outcome()
    {
        UploadState state = Created with { Session = Created.Session! with { Offset = 20, Acknowledged = 20, HighestSent = 20 } };
        BitsPacket last = UploadMachine.Next(state)!;
        Assert.That(UploadMachine.Sent(state, last, new SentContent(9, 9)).Session!.LastFragmentUnanswered, Is.False);
        UploadState sent = UploadMachine.Sent(state, last, new SentContent(10, 10));
        Assert.That(sent.Session!.LastFragmentUnanswered, Is.True);
        Assert.That(UploadMachine.Apply(sent, last, At(30), TimeSpan.Zero).State.Session!.LastFragmentUnanswered, Is.False);
        BitsAck refusal = new() { StatusCode = HttpStatusCode.BadGateway };
        Assert.That(UploadMachine.Apply(sent, last, refusal, TimeSpan.Zero).State.Session!.LastFragmentUnanswered, Is.True);
    }

    [Test]
    public void Bytes_sent_again_are_counted()
    {
        UploadState state = Created with
        {
            Session = Created.Session! with { Offset = 5, HighestSent = 12 },
            Tally = new Tally { BytesSent = 12, HighestSent = 12 },
        };
        UploadState sent = UploadMachine.Sent(state, UploadMachine.Next(state)!, new SentContent(10, 10));
        Assert.That(sent.Tally.BytesSent, Is.EqualTo(22));
        Assert.That(sent.Tally.BytesResent, Is.EqualTo(7));
        Assert.That(sent.Session!.HighestSent, Is.EqualTo(15));
    }

    [TestCase(5, false, Description = "it is behind what it had acknowledged")]
    [TestCase(10, true)]
    [TestCase(12, true)]
    public void A_server_keeps_offsets_if_it_answers_a_probe_with_what_it_had_acknowledged_or_more(long offset, bool keepsOffsets)
    {
        UploadState doubtful = Created with { Session = At10.Session! with { HighestSent = 20, Doubtful = true } };
        BitsPacket.Fragment probe = (BitsPacket.Fragment)UploadMachine.Next(doubtful)!;
        Assert.That((probe.Offset, probe.Length, probe.IsProbe), Is.EqualTo((4L, 1L, true)));
        BitsAck mismatch = At(offset) with { StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable };
        UploadState answered = UploadMachine.Apply(doubtful, probe, mismatch, TimeSpan.Zero).State;
        Assert.That((answered.Offset, answered.Sizing.KeepsOffsets), Is.EqualTo((offset, keepsOffsets ? true : (bool?)null)));
    }

    [Test]
    public void The_error_of_a_server_that_stored_the_byte_of_a_probe_says_what_would_happen()
    {
        UploadState doubtful = Created with { Session = At10.Session! with { HighestSent = 20, Doubtful = true } };
        Transition appended = UploadMachine.Apply(doubtful, UploadMachine.Next(doubtful)!, At(5), TimeSpan.Zero);
        Assert.That(appended.State.Sizing.KeepsOffsets, Is.False);
        Assert.That(
            appended.Failure!.Message,
            Does.EndWith("the server does not keep the offset of a session, so bytes that are sent again would be stored twice."));
    }

    [Test]
    public void A_create_session_without_an_answer_is_remembered()
    {
        BitsPacket create = UploadMachine.Next(Fresh)!;
        UploadState sent = UploadMachine.Unanswered(UploadMachine.Sent(Fresh, create, new SentContent(0, 0)), create);
        Assert.That(sent.Ledger.MayBeOpen, Is.True);
        BitsAck refusal = new() { StatusCode = HttpStatusCode.Forbidden };
        Assert.That(MayBeOpenAfter(sent, refusal), Is.True, "an earlier one may still be open");
        Assert.That(MayBeOpenAfter(Fresh, refusal), Is.False, "a definite refusal leaves no doubt");
        Assert.That(MayBeOpenAfter(Fresh, refusal with { StatusCode = HttpStatusCode.GatewayTimeout }), Is.True);
        Assert.That(MayBeOpenAfter(Fresh, Ack() with { IsAck = false }), Is.True);

        bool MayBeOpenAfter(UploadState state, BitsAck ack) =>
            UploadMachine.Apply(state, create, ack, TimeSpan.Zero).State.Ledger.MayBeOpen;
    }

    [TestCase(299, true)]
    [TestCase(300, false)]
    [TestCase(400, false)]
    [TestCase(499, false)]
    [TestCase(408, true, Description = "it may have been read after all")]
    [TestCase(500, true)]
    public void Only_a_definite_refusal_of_Create_Session_leaves_no_session(int status, bool unanswered) =>
        Assert.That(Apply(Fresh, new BitsAck { StatusCode = (HttpStatusCode)status }).State.Ledger.MayBeOpen, Is.EqualTo(unanswered));

    [Test]
    public void A_Create_Session_whose_ack_names_no_session_may_have_left_one() =>
        Assert.That(Apply(Fresh, Ack()).State.Ledger.MayBeOpen, Is.True);

    [Test]
    public void Only_a_Create_Session_without_an_answer_leaves_a_session_with_an_unknown_id()
    {
        BitsPacket fragment = UploadMachine.Next(Created)!;
        Assert.That(UploadMachine.Unanswered(Created, fragment), Is.SameAs(Created));
        Assert.That(UploadMachine.Sent(Fresh, UploadMachine.Next(Fresh)!, default), Is.SameAs(Fresh), "it has no bytes to count");
        SentContent authenticated = new(AuthenticatesConnection: true);
        Assert.That(
            UploadMachine.Sent(Fresh, UploadMachine.Next(Fresh)!, authenticated).Sizing.Questions.MayAsk, Is.False,
            "a refusal would close the connection");
    }

    [Test]
    public void The_error_of_an_invalid_header_says_what_it_has_to_be()
    {
        Assert.That(
            Apply(Fresh, Ack()).Failure!.Message,
            Does.EndWith(": BITS-Session-Id is missing; the ack of Create-Session must contain a session id of printable characters."));
        Assert.That(
            Apply(Fresh, Ack() with { SessionId = "id", Protocol = "{1}" }).Failure!.Message,
            Does.EndWith(": BITS-Protocol is '{1}'; only {7df0354d-249b-430f-820d-3d2a9bef4931} was offered."));
        Assert.That(
            Apply(Created, At(31)).Failure!.Message,
            Does.EndWith(": BITS-Received-Content-Range is '31'; it must be a number from 0 to 10."));
        Assert.That(
            Apply(Created with { Session = Created.Session! with { AcksWithoutProgress = 5 } }, At(0)).Failure!.Message,
            Does.EndWith(": BITS-Received-Content-Range is '0'; the server keeps setting the upload back, and it makes no progress."));
    }

    [Test]
    public void Progress_resets_the_acks_without_progress_and_then_only_bytes_that_were_sent_are_believed()
    {
        UploadState resumed = Created with { Session = Created.Session! with { AcksWithoutProgress = 4, Resumed = true } };
        UploadState moved = Apply(resumed, At(10)).State;
        Assert.That((moved.Session!.AcksWithoutProgress, moved.Budget.HighWater, moved.HighestSent), Is.EqualTo((0, 10L, 10L)));
        Assert.That(moved.Session.Resumed, Is.False, "the server has reported its offset");
    }

    [Test]
    public void Each_fragment_that_is_acknowledged_counts()
    {
        UploadState once = Apply(Created, At(10)).State;
        Assert.That((once.Tally.Fragments, Apply(once, At(20)).State.Tally.Fragments), Is.EqualTo((1, 2)));
    }

    [Test]
    public void A_416_of_another_server_after_a_redirect_is_a_refusal()
    {
        BitsAck elsewhere = At(5) with
        {
            StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable,
            RedirectedTo = new Uri("http://elsewhere.test/f.bin"),
        };
        Assert.That(Apply(Created, elsewhere).Failure, Is.TypeOf<BitsProtocolException>().With.Message.Contains("redirect"));
    }

    [Test]
    public void A_416_without_an_offset_is_a_refusal() =>
        Assert.That(
            Apply(Created, new BitsAck { StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable, IsAck = true }).Failure,
            Is.TypeOf<BitsServerException>());

    [Test]
    public void Only_bytes_that_were_handed_over_again_count_as_resent()
    {
        UploadState state = Created with
        {
            Session = Created.Session! with { Offset = 5, HighestSent = 12 },
            Tally = new Tally { HighestSent = 12 },
        };
        UploadState sent = UploadMachine.Sent(state, UploadMachine.Next(state)!, new SentContent(3, 3));
        Assert.That((sent.Tally.BytesResent, sent.Session!.HighestSent), Is.EqualTo((3, 12)));
        UploadState ahead = Created with
        {
            Session = Created.Session! with { Offset = 10, HighestSent = 10 },
            Tally = new Tally { HighestSent = 10 },
        };
        Assert.That(UploadMachine.Sent(ahead, UploadMachine.Next(ahead)!, new SentContent(10, 10)).Tally.BytesResent, Is.Zero);
    }

    [Test]
    public void A_success_ends_a_challenge_and_a_refusal_does_not()
    {
        UploadState challenged = Created with { Budget = Created.Budget with { Challenged = true } };
        UploadState refused = Apply(challenged, Ack() with { StatusCode = HttpStatusCode.Unauthorized }).State;
        Assert.That(refused.Budget.Challenged, Is.True);
        UploadState accepted = Apply(challenged, At(10)).State;
        Assert.That(accepted.Budget.Challenged, Is.False);
        Assert.That(
            Apply(Created, Ack() with { StatusCode = HttpStatusCode.Unauthorized }).State.Budget.Challenged,
            Is.False,
            "the challenge was not answered yet");
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static BitsAck At(long offset) => Ack() with { ReceivedOffset = offset, ReceivedOffsetText = $"{offset}" };

    private static Transition Apply(UploadState state, BitsAck ack)
    {
        BitsPacket packet = UploadMachine.Next(state)!;
        long handedOver = packet is BitsPacket.Fragment fragment ? fragment.Length : 0;
        return UploadMachine.Apply(UploadMachine.Sent(state, packet, new SentContent(handedOver, handedOver)), packet, ack, TimeSpan.Zero);
    }
}
