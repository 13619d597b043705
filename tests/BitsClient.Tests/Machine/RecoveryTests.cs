using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>What a failure does to a session, so that the next packet is the right one.</summary>
public sealed class RecoveryTests
{
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private static readonly UploadState State = new()
    {
        Url = new Uri("http://host/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions { MinFragmentSize = 2, InitialFragmentSize = 10, MaxFragmentSize = 40 }),
        Total = 100,
        Session = new OpenSession { Id = "id", Offset = 20, Acknowledged = 20, HighestSent = 30 },
        Sizing = new FragmentSizing { Size = 10 },
        Budget = new RetryBudget { HighWater = 20 },
    };

    [Test]
    public void After_no_answer_a_smallest_fragment_finds_out_where_the_server_is_and_then_half_as_much_follows()
    {
        UploadState retried = Recovered(State, Remedy.Retry);
        BitsPacket.Fragment probe = (BitsPacket.Fragment)UploadMachine.Next(retried)!;
        Assert.That((probe.Offset, probe.Length), Is.EqualTo((20, 2)));
        UploadState ahead = UploadMachine.Apply(retried, probe, At(30), TimeSpan.Zero).State;
        Assert.That(UploadMachine.Next(ahead), Is.EqualTo(new BitsPacket.Fragment("id", null, 30, 5, 100)));
    }

    [Test]
    public void A_server_that_answers_has_a_line_that_is_good_enough()
    {
        BitsServerException busy = new("busy", HttpStatusCode.ServiceUnavailable);
        Assert.That(UploadMachine.Recover(State, UploadMachine.Next(State)!, busy, Remedy.Retry).State.Sizing.Size, Is.EqualTo(10));
    }

    [Test]
    public void A_failure_of_another_packet_leaves_the_offset_in_no_doubt()
    {
        UploadState retried = UploadMachine.Recover(State, new BitsPacket.Ping(), NoAnswer, Remedy.Retry).State;
        Assert.That(((BitsPacket.Fragment)UploadMachine.Next(retried)!).Length, Is.EqualTo(10));
    }

    [Test]
    public void Retries_are_counted_since_the_last_progress()
    {
        UploadState state = State;
        for (int i = 0; i < 5; i++)
        {
            state = Recovered(state, Remedy.Retry);
        }

        Assert.That(UploadMachine.Recover(state, UploadMachine.Next(state)!, NoAnswer, Remedy.Retry).Failure, Is.SameAs(NoAnswer));
        UploadState further = UploadMachine.Apply(state, UploadMachine.Next(state)!, At(21), TimeSpan.Zero).State;
        Assert.That(Recovered(further, Remedy.Retry).Tally.Retries, Is.EqualTo(6), "the budget is new, the account goes on");
    }

    [Test]
    public void An_ack_without_progress_renews_nothing()
    {
        UploadState state = Recovered(State, Remedy.Retry);
        UploadState same = UploadMachine.Apply(state, UploadMachine.Next(state)!, At(20), TimeSpan.Zero).State;
        Assert.That(same.Budget.Retries, Is.EqualTo(1));
    }

    [Test]
    public void A_lost_session_is_created_again_from_the_first_byte_so_often_as_allowed()
    {
        BitsServerException lost = Answer(500, BitsHResult.SessionNotFound);
        UploadState state = State;
        for (int restart = 0; restart < 2; restart++)
        {
            state = UploadMachine.Recover(state, UploadMachine.Next(state)!, lost, Remedy.NewSession).State;
            Assert.That(UploadMachine.Next(state), Is.TypeOf<BitsPacket.CreateSession>());
            state = UploadMachine.Apply(state, UploadMachine.Next(state)!, Ack() with { SessionId = "another" }, TimeSpan.Zero).State;
            Assert.That(((BitsPacket.Fragment)UploadMachine.Next(state)!).Offset, Is.Zero);
        }

        Assert.That(UploadMachine.Recover(state, UploadMachine.Next(state)!, lost, Remedy.NewSession).Failure, Is.SameAs(lost));
    }

    [Test]
    public void Restarts_are_forgiven_only_when_the_upload_gets_further_than_ever()
    {
        UploadState restarted = State with { Session = State.Session! with { Offset = 10, Acknowledged = 10, HighestSent = 30 }, Budget = State.Budget with { HighWater = 20, Restarts = 1 } };
        BitsPacket next = UploadMachine.Next(restarted)!;
        Assert.That(UploadMachine.Apply(restarted, next, At(20), TimeSpan.Zero).State.Budget.Restarts, Is.EqualTo(1));
        Assert.That(UploadMachine.Apply(restarted, next, At(21), TimeSpan.Zero).State.Budget.Restarts, Is.Zero);
    }

    [Test]
    public void A_session_of_no_more_use_is_canceled_before_another_is_created()
    {
        UploadState state = UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(416), Remedy.NewSession).State;
        Assert.That(UploadMachine.Next(state), Is.EqualTo(new BitsPacket.CancelSession("id")));
        UploadState gone = UploadMachine.Apply(state, UploadMachine.Next(state)!, Ack(), TimeSpan.Zero).State;
        Assert.That(UploadMachine.Next(gone), Is.TypeOf<BitsPacket.CreateSession>());
        Assert.That(gone.Canceled, Is.False);
        UploadState refused = UploadMachine.Recover(state, UploadMachine.Next(state)!, Answer(403), Remedy.Ignore).State;
        Assert.That(UploadMachine.Next(refused), Is.TypeOf<BitsPacket.CreateSession>(), "whatever the server says to that");
        Assert.That(refused.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed), "for it may still be there");
        Assert.That(gone.Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public void Where_the_server_doubles_bytes_a_new_session_replaces_sending_again()
    {
        UploadState careful = State with { Options = State.Options with { ResendPolicy = BitsResendPolicy.NewSession } };
        Assert.That(UploadMachine.Next(Recovered(careful, Remedy.Retry)), Is.TypeOf<BitsPacket.CancelSession>());
        UploadState unsent = careful with { Session = careful.Session! with { HighestSent = 20 } };
        Assert.That(UploadMachine.Next(Recovered(unsent, Remedy.Retry)), Is.TypeOf<BitsPacket.Fragment>(), "nothing was sent that could be doubled");
    }

    [Test]
    public void Where_the_server_doubles_bytes_a_new_run_sends_none_again_either()
    {
        UploadState careful = State with { Options = State.Options with { ResendPolicy = BitsResendPolicy.NewSession } };
        Assert.That(UploadMachine.Next(UploadMachine.Begun(careful)), Is.TypeOf<BitsPacket.CancelSession>());
    }

    [Test]
    public void A_fragment_that_is_too_big_is_halved_at_once_and_the_limit_is_remembered()
    {
        UploadState shrunk = UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(413), Remedy.Shrink).State;
        Assert.That(UploadMachine.Next(shrunk), Is.EqualTo(new BitsPacket.Fragment("id", null, 20, 5, 100)));
        Assert.That(shrunk.Sizing.Limit, Is.EqualTo(5));
        Assert.That(shrunk.Budget.Retries, Is.Zero, "it costs no patience");
        UploadState least = UploadMachine.Recover(shrunk with { Sizing = shrunk.Sizing with { Size = 3 } }, new BitsPacket.Fragment("id", null, 20, 3, 100), Answer(413), Remedy.Shrink).State;
        Assert.That(least.Sizing.Size, Is.EqualTo(2), "not below the least size");
    }

    [Test]
    public void A_Close_Session_that_failed_is_sent_again_alone()
    {
        UploadState complete = State with { Session = State.Session! with { Offset = 100, Acknowledged = 100 } };
        UploadState retried = UploadMachine.Recover(complete, UploadMachine.Next(complete)!, NoAnswer, Remedy.Retry).State;
        Assert.That(UploadMachine.Next(retried), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void A_new_run_has_new_patience_and_doubts_what_was_left_half_sent()
    {
        UploadState worn = State with { Session = State.Session! with { AcksWithoutProgress = 5 }, Budget = State.Budget with { Retries = 5, Restarts = 2, Challenged = true } };
        UploadState begun = UploadMachine.Begun(worn);
        Assert.That(begun, Is.EqualTo(State with { Session = State.Session! with { Doubtful = true, PingDue = true } }));
    }

    [Test]
    public void Each_packet_that_is_sent_again_is_counted()
    {
        Assert.That(Recovered(State, Remedy.Retry).Tally.Retries, Is.EqualTo(1));
        Assert.That(UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(413), Remedy.Shrink).State.Tally.Retries, Is.EqualTo(1));
        Assert.That(UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(401), Remedy.Authenticate).State.Tally.Retries, Is.EqualTo(1));
        Assert.That(UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(416), Remedy.NewSession).State.Tally.Retries, Is.EqualTo(1));
    }

    [Test]
    public void Sessions_are_counted_that_there_were_and_not_those_that_were_only_asked_for()
    {
        BitsServerException lost = Answer(500, BitsHResult.SessionNotFound);
        Assert.That(UploadMachine.Recover(State, UploadMachine.Next(State)!, lost, Remedy.NewSession).State.Earlier.Count, Is.EqualTo(1));
        UploadState fresh = State with { Session = null };
        UploadState created = UploadMachine.Apply(fresh, UploadMachine.Next(fresh)!, Ack() with { SessionId = "id" }, TimeSpan.Zero).State;
        Assert.That(created.Earlier.Count, Is.Zero);
    }

    [Test]
    public void A_challenge_is_answered_at_once_and_a_stop_forgets_it()
    {
        UploadState challenged = UploadMachine.Recover(State, UploadMachine.Next(State)!, Answer(401), Remedy.Authenticate).State;
        Assert.That((challenged.Budget.Challenged, challenged.Budget.Retries), Is.EqualTo((true, 0)));
        Transition stopped = UploadMachine.Recover(challenged, UploadMachine.Next(challenged)!, NoAnswer, Remedy.Stop);
        Assert.That((stopped.State.Budget.Challenged, stopped.Failure), Is.EqualTo((false, NoAnswer)));
    }

    [Test]
    public void A_new_session_knows_nothing_of_the_one_before_but_what_became_of_its_file()
    {
        UploadState worn = State with { Session = State.Session! with { LastFragmentUnanswered = true, Doubtful = true, AcksWithoutProgress = 3, Resumed = true, PingDue = true } };
        UploadState anew = UploadMachine.Recover(worn, UploadMachine.Next(worn)!, Answer(500, BitsHResult.SessionNotFound), Remedy.NewSession).State;
        Assert.That(anew, Is.EqualTo(State with
        {
            Session = null,
            Earlier = new EarlierSessions { Count = 1, MayBeStored = true },
            Budget = State.Budget with { Restarts = 1 },
            Tally = State.Tally with { Retries = 1 },
        }));
    }

    [Test]
    public void Where_nothing_was_left_half_sent_nothing_is_in_doubt()
    {
        UploadState even = State with { Session = State.Session! with { HighestSent = 20 } };
        Assert.That(UploadMachine.Begun(even).Session!.Doubtful, Is.False);
        Assert.That(UploadMachine.Begun(even with { Options = even.Options with { ResendPolicy = BitsResendPolicy.NewSession } }).Session!.Discarding, Is.False);
    }

    private static UploadState Recovered(UploadState state, Remedy remedy)
    {
        Transition turn = UploadMachine.Recover(state, UploadMachine.Next(state)!, NoAnswer, remedy);
        Assert.That(turn.Failure, Is.Null);
        return turn.State;
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static BitsAck At(long offset) => Ack() with { ReceivedOffset = offset, ReceivedOffsetText = $"{offset}" };

    private static BitsServerException Answer(int status, uint? code = null) =>
        new("no", (HttpStatusCode)status) { ErrorCode = code };
}
