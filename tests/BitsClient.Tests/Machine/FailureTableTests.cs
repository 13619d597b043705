using System.Net;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The failure table, row by row.</summary>
public sealed class FailureTableTests
{
    private const uint SessionNotFound = 0x8020001F;

    private static readonly Uri Url = new("http://host/f.bin");

    private static readonly UploadState State = new()
    {
        Url = Url,
        Options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 5 }.Checked("options")),
        Total = 100,
        Session = new OpenSession { Id = "id", Offset = 20, HighestSent = 30 },
        Sizing = new FragmentSizing { Size = 10, LargestAccepted = 10 },
    };

    private static readonly BitsPacket Create = new BitsPacket.CreateSession(null);
    private static readonly BitsPacket Fragment = new BitsPacket.Fragment("id", null, Offset: 20, Length: 10, Total: 100);
    private static readonly BitsPacket Smallest = new BitsPacket.Fragment("id", null, Offset: 20, Length: 5, Total: 100);
    private static readonly BitsPacket Close = new BitsPacket.CloseSession("id", null);
    private static readonly BitsPacket Cancel = new BitsPacket.CancelSession("id");

    [Test]
    public void A_lost_session_is_replaced()
    {
        Assert.That(Answered(Fragment, 500, SessionNotFound), Is.EqualTo(Remedy.NewSession));
        Assert.That(Answered(Fragment, 404, SessionNotFound), Is.EqualTo(Remedy.NewSession));
        Assert.That(Answered(Close, 500, SessionNotFound), Is.EqualTo(Remedy.NewSession));
    }

    [Test]
    public void A_mismatch_without_an_offset_leads_to_a_new_session() =>
        Assert.That(Answered(Fragment, 416, 0x80070057), Is.EqualTo(Remedy.NewSession));

    [Test]
    public void A_413_shrinks_the_fragment_unless_it_is_the_smallest()
    {
        Assert.That(Answered(Fragment, 413, isAck: false), Is.EqualTo(Remedy.Shrink));
        Assert.That(Answered(Smallest, 413, isAck: false), Is.EqualTo(Remedy.Stop));
        Assert.That(Answered(Create, 413, isAck: false), Is.EqualTo(Remedy.Stop));
    }

    [Test]
    public void A_404_without_an_ack_shrinks_the_fragment()
    {
        Assert.That(Answered(Fragment, 404, isAck: false), Is.EqualTo(Remedy.Shrink));
        Assert.That(Answered(Smallest, 404, isAck: false), Is.EqualTo(Remedy.Stop));
        Assert.That(Answered(Fragment, 404, isAck: true), Is.EqualTo(Remedy.Stop));
        UploadState noneAccepted = State with { Sizing = State.Sizing with { LargestAccepted = 0 } };
        Assert.That(Answered(Fragment, 404, isAck: false, state: noneAccepted), Is.EqualTo(Remedy.Shrink));
    }

    [Test]
    public void A_connection_that_breaks_in_a_fragment_larger_than_any_before_shrinks_it()
    {
        BitsUploadException broken = new("broken") { IsTransient = true, IsBrokenConnection = true };
        UploadState smaller = State with { Sizing = State.Sizing with { LargestAccepted = 9 } };
        Assert.That(FailureTable.Of(broken, Fragment, smaller), Is.EqualTo(Remedy.Shrink));
        Assert.That(FailureTable.Of(broken, Fragment, State), Is.EqualTo(Remedy.Retry), "fragments of this size were accepted before");
        Assert.That(
            FailureTable.Of(broken, Fragment, smaller with { Session = smaller.Session! with { HighestSent = 20 } }),
            Is.EqualTo(Remedy.Retry),
            "nothing of it was sent");
        Assert.That(
            FailureTable.Of(broken, Smallest, State with { Sizing = State.Sizing with { LargestAccepted = 4 } }),
            Is.EqualTo(Remedy.Retry),
            "it cannot be smaller");
        BitsUploadException silence = new("silence") { IsTransient = true };
        Assert.That(FailureTable.Of(silence, Fragment, smaller), Is.EqualTo(Remedy.Retry));
    }

    [TestCase(413)]
    [TestCase(404)]
    [TestCase(500)]
    [TestCase(502)]
    public void An_error_before_the_body_shrinks_at_once_but_not_if_the_next_smaller_one_gets_it_as_well(int status)
    {
        BitsPacket asked = (BitsPacket.Fragment)Fragment with { AsksFirst = true };
        UploadState nothingSent = State with { Session = State.Session! with { HighestSent = ((BitsPacket.Fragment)Fragment).Offset } };
        Assert.That(Answered(asked, status, isAck: false, state: nothingSent), Is.EqualTo(Remedy.ShrinkAtOnce));
        UploadState refused = nothingSent with { Sizing = State.Sizing with { RefusedWith = (HttpStatusCode)status } };
        Assert.That(Answered(asked, status, isAck: false, state: refused), Is.EqualTo(Remedy.Shrink));
        UploadState otherwise = nothingSent with { Sizing = State.Sizing with { RefusedWith = HttpStatusCode.Conflict } };
        Assert.That(Answered(asked, status, isAck: false, state: otherwise), Is.EqualTo(Remedy.ShrinkAtOnce));
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    public void A_BITS_server_that_denies_access_does_not_mean_the_size_but_a_firewall_may(bool isAck, bool shrinks)
    {
        BitsPacket asked = (BitsPacket.Fragment)Fragment with { AsksFirst = true };
        UploadState nothingSent = State with { Session = State.Session! with { HighestSent = 20 } };
        Assert.That(
            Answered(asked, 403, isAck: isAck, state: nothingSent), Is.EqualTo(shrinks ? Remedy.ShrinkAtOnce : Remedy.Stop));
    }

    [TestCase(500)]
    [TestCase(502)]
    public void A_second_error_of_a_proxy_for_a_fragment_larger_than_any_before_shrinks_it_if_it_can_be_smaller(int status)
    {
        UploadState smaller = State with { Sizing = State.Sizing with { LargestAccepted = 4 } };
        Assert.That(Answered(Fragment, status, isAck: false, state: smaller), Is.EqualTo(Remedy.Retry), "it is the first");
        UploadState again = smaller with { Sizing = smaller.Sizing with { ErrorsAbove = 1 } };
        Assert.That(Answered(Fragment, status, isAck: false, state: again), Is.EqualTo(Remedy.Shrink));
        Assert.That(Answered(Smallest, status, isAck: false, state: again), Is.EqualTo(Remedy.Retry));
    }

    [TestCase(401)]
    [TestCase(407)]
    public void A_challenge_gives_the_callers_hook_one_chance(int status)
    {
        Assert.That(Answered(Create, status, isAck: false), Is.EqualTo(Remedy.Stop), "there is no hook");
        UploadState hooked = State with { Options = State.Options with { CanAuthenticate = true } };
        Assert.That(Answered(Create, status, isAck: false, state: hooked), Is.EqualTo(Remedy.Authenticate));
        UploadState challenged = hooked with { Budget = hooked.Budget with { Challenged = true } };
        Assert.That(Answered(Create, status, isAck: false, state: challenged), Is.EqualTo(Remedy.Stop));
    }

    [TestCase(403, 0x80070005)]
    [TestCase(409, null)]
    [TestCase(501, 0x80070005)]
    [TestCase(501, null)]
    [TestCase(505, null)]
    [TestCase(405, null)]
    [TestCase(400, 0x80070057)]
    [TestCase(302, null)]
    public void A_refusal_is_final(int status, uint? code)
    {
        foreach (BitsPacket packet in new[] { Create, Fragment, Close })
        {
            Assert.That(Answered(packet, status, code), Is.EqualTo(Remedy.Stop), $"{packet}");
        }
    }

    [TestCase(0x80200020u, Description = "the file is too large")]
    [TestCase(0x80070070u, Description = "the disk is full")]
    [TestCase(0x80070112u, Description = "the disk is full")]
    public void A_500_with_a_code_that_rules_out_a_retry_is_final(uint code) =>
        Assert.That(Answered(Fragment, 500, code), Is.EqualTo(Remedy.Stop));

    [TestCase(408)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    [TestCase(599)]
    public void A_transient_status_is_retried(int status)
    {
        foreach (BitsPacket packet in new[] { Create, Fragment, Close, Cancel })
        {
            Assert.That(Answered(packet, status, isAck: false), Is.EqualTo(Remedy.Retry), $"{packet}");
        }
    }

    [TestCase(408, Remedy.Retry)]
    [TestCase(409, Remedy.Retry)]
    [TestCase(500, Remedy.Retry)]
    [TestCase(501, Remedy.Stop)]
    [TestCase(505, Remedy.Stop)]
    [TestCase(403, Remedy.Stop)]
    [TestCase(429, Remedy.Stop)]
    public void A_failure_of_the_application_behind_the_server_has_rules_of_its_own(int status, object remedy) =>
        Assert.That(Answered(Fragment, status, 0x80004005, context: 7), Is.EqualTo(remedy));

    [Test]
    public void A_missing_answer_is_retried() =>
        Assert.That(FailureTable.Of(new BitsUploadException("no answer") { IsTransient = true }, Create, State), Is.EqualTo(Remedy.Retry));

    [Test]
    public void The_cancel_of_a_discarded_session_uses_the_retries_that_are_left_but_never_fails_the_upload()
    {
        UploadState spent = State with { Budget = State.Budget with { Retries = State.Options.MaxRetries } };
        Assert.That(Answered(Cancel, 403), Is.EqualTo(Remedy.Ignore));
        Assert.That(Answered(Cancel, 401), Is.EqualTo(Remedy.Ignore));
        Assert.That(Answered(Cancel, 503, isAck: false), Is.EqualTo(Remedy.Retry));
        Assert.That(Answered(Cancel, 503, isAck: false, state: spent), Is.EqualTo(Remedy.Ignore));
        Assert.That(FailureTable.Of(new BitsProtocolException("violation"), Cancel, State), Is.EqualTo(Remedy.Ignore));
        BitsUploadException noAnswer = new("no answer") { IsTransient = true };
        Assert.That(FailureTable.Of(noAnswer, Cancel, spent), Is.EqualTo(Remedy.Retry), "after an outage it is sent again");
    }

    [TestCase(int.MaxValue, 5)]
    [TestCase(2, 2)]
    public void Many_retries_for_outages_do_not_put_off_the_end_of_a_session_that_is_lost(int maxRetries, int enough)
    {
        Assert.That(After(enough - 1, Fragment), Is.EqualTo(Remedy.Retry));
        Assert.That(After(enough, Fragment), Is.EqualTo(Remedy.NewSession));
        Assert.That(After(enough - 1, Cancel), Is.EqualTo(Remedy.Retry));
        Assert.That(After(enough, Cancel), Is.EqualTo(Remedy.Ignore));

        Remedy After(int retries, BitsPacket packet) => Answered(packet, 500, isAck: false, state: State with
        {
            Options = State.Options with { MaxRetries = maxRetries },
            Budget = State.Budget with { Retries = retries },
            Session = State.Session! with { Acknowledged = 20 },
        });
    }

    [Test]
    public void A_protocol_violation_and_a_changed_source_are_final()
    {
        Assert.That(FailureTable.Of(new BitsProtocolException("violation"), Fragment, State), Is.EqualTo(Remedy.Stop));
        Assert.That(FailureTable.Of(new BitsSourceChangedException("changed"), Fragment, State), Is.EqualTo(Remedy.Stop));
    }

    [Test]
    public void A_probe_whose_byte_was_stored_a_second_time_leads_to_a_new_session()
    {
        BitsProtocolException violation = new("violation");
        BitsPacket probe = new BitsPacket.Fragment("id", null, Offset: 9, Length: 1, Total: 100) { IsProbe = true };
        UploadState appends = State with { Sizing = State.Sizing with { KeepsOffsets = false } };
        Assert.That(FailureTable.Of(violation, probe, appends), Is.EqualTo(Remedy.NewSession));
        Assert.That(FailureTable.Of(violation, probe, State), Is.EqualTo(Remedy.Stop), "it said nothing about offsets");
        Assert.That(FailureTable.Of(violation, Fragment, appends), Is.EqualTo(Remedy.Stop), "it is not the answer to a probe");
    }

    private static Remedy Answered(
        BitsPacket packet, int status, uint? code = null, uint? context = null, bool isAck = true, UploadState? state = null)
    {
        BitsAck ack = new() { StatusCode = (HttpStatusCode)status, IsAck = isAck, ErrorCode = code, ErrorContext = context };
        return FailureTable.Of(AckFailure.Of(packet, Url, ack)!, packet, state ?? State);
    }
}
