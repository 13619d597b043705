using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>How a failure changes the state of an upload, so that the right packet comes next.</summary>
public sealed class RecoveryTests
{
    private static readonly BitsUploadException NoAnswer = new("no answer") { IsTransient = true };

    private static readonly UploadState State = new()
    {
        Url = new Uri("http://host/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions
        {
            MinFragmentSize = 2,
            InitialFragmentSize = 10,
            MaxFragmentSize = 40,
            ResendPolicy = BitsResendPolicy.Resynchronize,
        }),
        Total = 100,
        Session = new OpenSession { Id = "id", Offset = 20, Acknowledged = 20, HighestSent = 30 },
        Sizing = new FragmentSizing { Size = 10 },
        Budget = new RetryBudget { HighWater = 20 },
    };

    private static readonly UploadState NewSession =
        State with { Options = State.Options with { ResendPolicy = BitsResendPolicy.NewSession } };

    [Test]
    public void After_a_missing_answer_the_smallest_fragment_finds_the_offset_and_half_as_much_follows()
    {
        UploadState retried = Recovered(State, Remedy.Retry);
        BitsPacket.Fragment probe = (BitsPacket.Fragment)UploadMachine.Next(retried)!;
        Assert.That((probe.Offset, probe.Length), Is.EqualTo((20, 2)));
        UploadState ahead = UploadMachine.Apply(retried, probe, At(30), TimeSpan.Zero).State;
        Assert.That(UploadMachine.Next(ahead), Is.EqualTo(new BitsPacket.Fragment("id", null, 30, 5, 100)));
    }

    [Test]
    public void A_failure_that_the_server_answered_does_not_shrink_fragments()
    {
        BitsServerException busy = new("busy", HttpStatusCode.ServiceUnavailable);
        Assert.That(UploadRecovery.Apply(State, UploadMachine.Next(State)!, busy, Remedy.Retry).State.Sizing.Size, Is.EqualTo(10));
    }

    [Test]
    public void A_failure_of_another_packet_does_not_put_the_offset_in_doubt()
    {
        UploadState retried = UploadRecovery.Apply(State, new BitsPacket.Ping(), NoAnswer, Remedy.Retry).State;
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

        Assert.That(UploadRecovery.Apply(state, UploadMachine.Next(state)!, NoAnswer, Remedy.Retry).Failure, Is.SameAs(NoAnswer));
        UploadState found = UploadMachine.Apply(state, UploadMachine.Next(state)!, At(21), TimeSpan.Zero).State;
        Assert.That(found.Budget.Retries, Is.EqualTo(5), "the fragment that failed was larger than any before");
        UploadState sent = UploadMachine.Sent(found, UploadMachine.Next(found)!, new SentContent(10, 10));
        UploadState further = UploadMachine.Apply(sent, UploadMachine.Next(found)!, At(31), TimeSpan.Zero).State;
        Assert.That(
            Recovered(further, Remedy.Retry).Tally.Retries,
            Is.EqualTo(6),
            "the retry budget is full again, the count of all retries continues");
    }

    [Test]
    public void An_ack_without_progress_does_not_reset_the_retries()
    {
        UploadState state = Recovered(State, Remedy.Retry);
        UploadState same = UploadMachine.Apply(state, UploadMachine.Next(state)!, At(20), TimeSpan.Zero).State;
        Assert.That(same.Budget.Retries, Is.EqualTo(1));
    }

    [Test]
    public void A_lost_session_is_replaced_from_the_first_byte_up_to_MaxRestarts_times()
    {
        BitsServerException lost = Answer(500, BitsHResult.SessionNotFound);
        UploadState state = State;
        for (int restart = 0; restart < 2; restart++)
        {
            state = UploadRecovery.Apply(state, UploadMachine.Next(state)!, lost, Remedy.NewSession).State;
            Assert.That(UploadMachine.Next(state), Is.TypeOf<BitsPacket.CreateSession>());
            state = UploadMachine.Apply(state, UploadMachine.Next(state)!, Ack() with { SessionId = "another" }, TimeSpan.Zero).State;
            Assert.That(((BitsPacket.Fragment)UploadMachine.Next(state)!).Offset, Is.Zero);
        }

        Assert.That(UploadRecovery.Apply(state, UploadMachine.Next(state)!, lost, Remedy.NewSession).Failure, Is.SameAs(lost));
    }

    [Test]
    public void Restarts_are_reset_only_when_the_upload_gets_further_than_ever_before()
    {
        UploadState restarted = State with
        {
            Session = State.Session! with { Offset = 10, Acknowledged = 10, HighestSent = 30 },
            Budget = State.Budget with { HighWater = 20, Restarts = 1 },
        };
        BitsPacket next = UploadMachine.Next(restarted)!;
        Assert.That(UploadMachine.Apply(restarted, next, At(20), TimeSpan.Zero).State.Budget.Restarts, Is.EqualTo(1));
        Assert.That(UploadMachine.Apply(restarted, next, At(21), TimeSpan.Zero).State.Budget.Restarts, Is.Zero);
    }

    [TestCase(20, null, false)]
    [TestCase(20, true, false)]
    [TestCase(20, false, true)]
    [TestCase(2, null, false)]
    [TestCase(1, null, true)]
    public void A_doubt_is_judged_again_when_more_is_known_of_the_host(long offset, bool? keepsOffsets, bool isDiscarded)
    {
        UploadState doubtful = State with
        {
            Options = State.Options with { ResendPolicy = BitsResendPolicy.Detect },
            Session = State.Session! with { Offset = offset, Doubtful = true },
            Sizing = State.Sizing with { KeepsOffsets = keepsOffsets },
        };
        UploadState reconsidered = UploadRecovery.Reconsidered(doubtful).State;
        Assert.That(
            (reconsidered.Session!.Discarding, reconsidered.Budget.Restarts), Is.EqualTo((isDiscarded, isDiscarded ? 1 : 0)));
    }

    [Test]
    public void A_doubt_that_is_judged_again_starts_over_no_more_often_than_MaxRestarts()
    {
        UploadState doubtful = NewSession with
        {
            Session = State.Session! with { Doubtful = true },
            Budget = State.Budget with { Restarts = State.Options.MaxRestarts },
        };
        Transition last = UploadRecovery.Reconsidered(doubtful);
        Assert.That(last.Failure, Is.Not.Null.And.Message.Contains("MaxRestarts"));
        Assert.That(last.State, Is.SameAs(doubtful), "the session is kept");
    }

    [Test]
    public void A_small_fragment_renews_the_retries_unless_the_size_of_the_one_that_failed_is_in_doubt([Values(10, 9)] int accepted)
    {
        UploadState state = State with { Sizing = State.Sizing with { LargestAccepted = accepted } };
        UploadState retried = Recovered(state, Remedy.Retry);
        UploadState found = UploadMachine.Apply(retried, UploadMachine.Next(retried)!, At(22), TimeSpan.Zero).State;
        Assert.That(found.Budget.Retries, Is.EqualTo(accepted < 10 ? 1 : 0));
        UploadState whole = UploadMachine.Apply(retried, UploadMachine.Next(retried)!, At(30), TimeSpan.Zero).State;
        Assert.That(whole.Budget.Retries, Is.Zero, "the server has all of the fragment that failed");
    }

    [Test]
    public void The_longest_of_the_fragments_that_failed_is_the_one_whose_size_is_in_doubt()
    {
        UploadState once = Recovered(State, Remedy.Retry);
        Assert.That(once.Session!.DoubtfulLength, Is.EqualTo(10));
        UploadState twice = Recovered(once, Remedy.Retry);
        Assert.That(((BitsPacket.Fragment)UploadMachine.Next(once)!).Length, Is.EqualTo(2), "the second is a small one");
        Assert.That(twice.Session!.DoubtfulLength, Is.EqualTo(10));
        UploadState settled = State with { Session = State.Session! with { DoubtfulLength = 40 } };
        Assert.That(Recovered(settled, Remedy.Retry).Session!.DoubtfulLength, Is.EqualTo(10), "an ack has settled the doubt since");
    }

    [Test]
    public void An_unusable_session_is_canceled_before_another_is_created()
    {
        UploadState state = UploadRecovery.Apply(State, UploadMachine.Next(State)!, Answer(416), Remedy.NewSession).State;
        Assert.That(UploadMachine.Next(state), Is.EqualTo(new BitsPacket.CancelSession("id")));
        UploadState gone = UploadMachine.Apply(state, UploadMachine.Next(state)!, Ack(), TimeSpan.Zero).State;
        Assert.That(UploadMachine.Next(gone), Is.TypeOf<BitsPacket.CreateSession>());
        Assert.That(gone.Canceled, Is.False);
        UploadState refused = UploadRecovery.Apply(state, UploadMachine.Next(state)!, Answer(403), Remedy.Ignore).State;
        Assert.That(UploadMachine.Next(refused), Is.TypeOf<BitsPacket.CreateSession>(), "even if the server refuses that");
        Assert.That(refused.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed), "it may still be open");
        Assert.That(gone.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public void With_NewSession_a_half_sent_fragment_leads_to_a_new_session()
    {
        Assert.That(UploadMachine.Next(Recovered(NewSession, Remedy.Retry)), Is.TypeOf<BitsPacket.CancelSession>());
        UploadState unsent = NewSession with { Session = NewSession.Session! with { HighestSent = 20 } };
        Assert.That(
            UploadMachine.Next(Recovered(unsent, Remedy.Retry)),
            Is.TypeOf<BitsPacket.Fragment>(),
            "nothing was sent that could be stored twice");
    }

    [Test]
    public void With_NewSession_only_a_session_with_acknowledged_bytes_costs_a_restart()
    {
        UploadState restarted = Recovered(NewSession, Remedy.Retry);
        Assert.That((restarted.Budget.Restarts, restarted.Budget.Retries), Is.EqualTo((1, 0)));
        UploadState nothing = NewSession with { Session = NewSession.Session! with { Offset = 0, Acknowledged = 0, HighestSent = 10 } };
        UploadState discarded = Recovered(nothing, Remedy.Retry);
        Assert.That(UploadMachine.Next(discarded), Is.TypeOf<BitsPacket.CancelSession>());
        Assert.That((discarded.Budget.Restarts, discarded.Budget.Retries), Is.EqualTo((0, 1)));
    }

    [Test]
    public void With_NewSession_a_new_run_discards_a_session_with_a_half_sent_fragment()
    {
        Assert.That(UploadMachine.Next(UploadMachine.Begun(NewSession)), Is.TypeOf<BitsPacket.CancelSession>());
    }

    [Test]
    public void A_fragment_that_is_too_large_is_halved_at_once_and_the_limit_is_remembered()
    {
        UploadState shrunk = UploadRecovery.Apply(State, UploadMachine.Next(State)!, Answer(413), Remedy.Shrink).State;
        Assert.That(UploadMachine.Next(shrunk), Is.EqualTo(new BitsPacket.Fragment("id", null, 20, 5, 100)));
        Assert.That(shrunk.Sizing.Limit, Is.EqualTo(5));
        Assert.That(shrunk.Budget.Retries, Is.Zero, "it uses no retry");
        UploadState small = shrunk with { Sizing = shrunk.Sizing with { Size = 3 } };
        BitsPacket.Fragment fragment = new("id", null, 20, 3, 100);
        UploadState smallest = UploadRecovery.Apply(small, fragment, Answer(413), Remedy.Shrink).State;
        Assert.That(smallest.Sizing.Size, Is.EqualTo(2), "not below MinFragmentSize");
    }

    [Test]
    public void A_failed_Close_Session_is_sent_again_alone()
    {
        UploadState complete = State with { Session = State.Session! with { Offset = 100, Acknowledged = 100 } };
        UploadState retried = UploadRecovery.Apply(complete, UploadMachine.Next(complete)!, NoAnswer, Remedy.Retry).State;
        Assert.That(UploadMachine.Next(retried), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void A_new_run_resets_the_budgets_and_doubts_a_half_sent_fragment()
    {
        UploadState spent = State with
        {
            Session = State.Session! with { AcksWithoutProgress = 5 },
            Budget = State.Budget with { Retries = 5, Restarts = 2, Challenged = true },
        };
        UploadState begun = UploadMachine.Begun(spent);
        Assert.That(begun, Is.EqualTo(State with { Session = State.Session! with { Doubtful = true, PingDue = true, IsUnproven = true } }));
    }

    [Test]
    public void Each_packet_that_is_sent_again_is_counted()
    {
        Assert.That(Recovered(State, Remedy.Retry).Tally.Retries, Is.EqualTo(1));
        Assert.That(RetriesAfter(413, Remedy.Shrink), Is.EqualTo(1));
        Assert.That(RetriesAfter(401, Remedy.Authenticate), Is.EqualTo(1));
        Assert.That(RetriesAfter(416, Remedy.NewSession), Is.EqualTo(1));

        static int RetriesAfter(int status, Remedy remedy) =>
            UploadRecovery.Apply(State, UploadMachine.Next(State)!, Answer(status), remedy).State.Tally.Retries;
    }

    [Test]
    public void Only_sessions_that_existed_are_counted()
    {
        BitsServerException lost = Answer(500, BitsHResult.SessionNotFound);
        Assert.That(UploadRecovery.Apply(State, UploadMachine.Next(State)!, lost, Remedy.NewSession).State.Ledger.Replaced, Is.EqualTo(1));
        UploadState fresh = State with { Session = null };
        UploadState created = UploadMachine.Apply(fresh, UploadMachine.Next(fresh)!, Ack() with { SessionId = "id" }, TimeSpan.Zero).State;
        Assert.That(created.Ledger.Replaced, Is.Zero);
    }

    [Test]
    public void A_challenge_is_answered_at_once_and_a_stop_resets_it()
    {
        UploadState challenged = UploadRecovery.Apply(State, UploadMachine.Next(State)!, Answer(401), Remedy.Authenticate).State;
        Assert.That((challenged.Budget.Challenged, challenged.Budget.Retries), Is.EqualTo((true, 0)));
        Transition stopped = UploadRecovery.Apply(challenged, UploadMachine.Next(challenged)!, NoAnswer, Remedy.Stop);
        Assert.That((stopped.State.Budget.Challenged, stopped.Failure), Is.EqualTo((false, NoAnswer)));
    }

    [Test]
    public void A_new_session_keeps_only_whether_the_file_of_the_last_one_may_be_stored()
    {
        UploadState lost = State with
        {
            Session = State.Session! with
            {
                LastFragmentUnanswered = true,
                Doubtful = true,
                AcksWithoutProgress = 3,
                Resumed = true,
                PingDue = true,
            },
        };
        BitsServerException notFound = Answer(500, BitsHResult.SessionNotFound);
        UploadState replaced = UploadRecovery.Apply(lost, UploadMachine.Next(lost)!, notFound, Remedy.NewSession).State;
        Assert.That(replaced.Ledger.Entries, Is.EqualTo(new[] { new LedgerEntry(State.Url, "id", SessionFate.Gone, 0) }));
        Assert.That(replaced, Is.EqualTo(State with
        {
            Session = null,
            Ledger = new SessionLedger { Entries = replaced.Ledger.Entries, Replaced = 1, MayBeStored = true },
            Budget = State.Budget with { Restarts = 1 },
            Tally = State.Tally with { Retries = 1 },
        }));
    }

    [Test]
    public void Without_a_half_sent_fragment_nothing_is_in_doubt()
    {
        UploadState even = State with { Session = State.Session! with { HighestSent = 20 } };
        Assert.That(UploadMachine.Begun(even).Session!.Doubtful, Is.False);
        Assert.That(UploadMachine.Begun(even with { Options = NewSession.Options }).Session!.Discarding, Is.False);
    }

    private static UploadState Recovered(UploadState state, Remedy remedy)
    {
        Transition transition = UploadRecovery.Apply(state, UploadMachine.Next(state)!, NoAnswer, remedy);
        Assert.That(transition.Failure, Is.Null);
        return transition.State;
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static BitsAck At(long offset) => Ack() with { ReceivedOffset = offset, ReceivedOffsetText = $"{offset}" };

    private static BitsServerException Answer(int status, uint? code = null) =>
        new("no", (HttpStatusCode)status) { ErrorCode = code };
}
