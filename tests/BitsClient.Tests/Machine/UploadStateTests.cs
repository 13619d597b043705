using BitsClient.Machine;

namespace BitsClient.Tests.Machine;

/// <summary>What the state of an upload says about its outcome, and what of it is in a checkpoint.</summary>
public sealed class UploadStateTests
{
    private static readonly MachineOptions Rules = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10 }.Checked("options"));

    private static readonly UploadState Fresh = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        Options = Rules,
        Total = 30,
        Sizing = new FragmentSizing { Size = 10 },
    };

    private static readonly UploadState Created = Fresh with { Session = new OpenSession { Id = "id" } };

    private static readonly UploadState Complete =
        Created with { Session = Created.Session! with { Offset = 30, Acknowledged = 30, HighestSent = 30 } };

    private static readonly BitsUploadCheckpoint Kept = new()
    {
        Url = new Uri("http://bits.test/f.bin"),
        SessionId = "id",
        BytesAcknowledged = 20,
        BytesTotal = 30,
    };

    private static IEnumerable<TestCaseData> Latest()
    {
        yield return new TestCaseData(Kept with { BytesAcknowledged = 25 }, 25).SetArgDisplayNames("newer");
        yield return new TestCaseData(Kept with { BytesAcknowledged = 10 }, 20).SetArgDisplayNames("older");
        yield return new TestCaseData(Kept with { BytesAcknowledged = 31 }, 20).SetArgDisplayNames("invalid");
        yield return new TestCaseData(
            Kept with { BytesAcknowledged = 30, ExpectsReply = true, ReplyUrl = new Uri("http://evil.test/r") }, 20)
            .SetArgDisplayNames("with a reply elsewhere");
    }

    private static IEnumerable<TestCaseData> Invalid()
    {
        yield return new TestCaseData(Kept with { SessionId = "" }, "no valid session id");
        yield return new TestCaseData(Kept with { SessionId = "a\nb" }, "no valid session id");
        yield return new TestCaseData(Kept with { BytesTotal = 0, BytesAcknowledged = 0 }, "contradict each other");
        yield return new TestCaseData(Kept with { BytesAcknowledged = -1 }, "contradict each other");
        yield return new TestCaseData(Kept with { BytesAcknowledged = 31 }, "contradict each other");
        yield return new TestCaseData(Kept with { BytesSentAtMost = 19 }, "contradict each other");
        yield return new TestCaseData(Kept with { BytesSentAtMost = 31 }, "contradict each other");
        yield return new TestCaseData(
            Kept with { ExpectsReply = true, ReplyUrl = new Uri("r.bin", UriKind.Relative) }, "reply URL is relative");
        yield return new TestCaseData(Kept with { ReplyUrl = new Uri("http://bits.test/r.bin") }, "no reply is expected");
        yield return new TestCaseData(Kept with { HostId = "user@evil.test" }, "not a host");
        yield return new TestCaseData(Kept with { SessionId = null, BytesAcknowledged = 0 }, "no valid session id");
        yield return new TestCaseData(Kept with { SessionId = null, OtherSessions = [Other("a")] }, "contradict each other");
        yield return new TestCaseData(Kept with { OtherSessions = [Other("")] }, "other sessions");
        yield return new TestCaseData(
            Kept with { OtherSessions = [new BitsOtherSession { Url = new Uri("f.bin", UriKind.Relative) }] }, "other sessions");
        yield return new TestCaseData(Kept with { Url = new Uri("f.bin", UriKind.Relative) }, "relative");
    }

    [TestCaseSource(nameof(Latest))]
    public void The_latest_checkpoint_of_a_session_counts_unless_it_is_older_or_not_allowed(BitsUploadCheckpoint latest, long offset)
    {
        UploadState resumed = CheckpointMapping.ToState(Kept, Rules) with { WantsReply = true };
        UploadState updated = CheckpointMapping.Updated(resumed, latest);
        Assert.That((updated.Offset, updated.Acknowledged), Is.EqualTo((offset, offset)));
        Assert.That(ReferenceEquals(updated, resumed), Is.EqualTo(offset == 20));
    }

    [TestCaseSource(nameof(Invalid))]
    public void An_invalid_checkpoint_is_refused_with_the_reason(BitsUploadCheckpoint state, string reason) =>
        Assert.That(
            () => CheckpointMapping.ToState(state, Rules),
            Throws.ArgumentException.With.Message.Contains(reason).And.Property("ParamName").EqualTo("checkpoint"));

    [Test]
    public void A_missing_checkpoint_is_refused() =>
        Assert.That(
            () => CheckpointMapping.ToState(null!, Rules),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("checkpoint"));

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(0, 30)]
    public void A_checkpoint_can_be_at_either_end_of_the_file(long acknowledged, long total) =>
        Assert.That(
            CheckpointMapping.ToState(Kept with { BytesAcknowledged = acknowledged, BytesTotal = total }, Rules).Offset,
            Is.EqualTo(acknowledged));

    [Test]
    public void An_upload_continues_from_the_acknowledged_bytes_of_its_checkpoint()
    {
        UploadState state = CheckpointMapping.ToState(Kept, Rules);
        Assert.That(
            (state.Offset, state.Acknowledged, state.Budget.HighWater, state.Session!.HighestSent),
            Is.EqualTo((20L, 20L, 20L, 30L)),
            "any byte may have been sent");
        Assert.That(CheckpointMapping.ToState(Kept with { BytesSentAtMost = 25 }, Rules).HighestSent, Is.EqualTo(25));
        Assert.That(
            CheckpointMapping.SentAtMost(Kept with { BytesSentAtMost = 25, MayBeComplete = true }), Is.EqualTo(30), "the last ones were");
        Assert.That((state.Total, state.Session?.Id, state.Target, state.MayBeStored), Is.EqualTo((30L, "id", Kept.Url, false)));
    }

    [TestCase("node7", 20, true, true)]
    [TestCase("node7", 0, true, false, Description = "perhaps no packet was acknowledged there")]
    [TestCase(null, 20, false, true)]
    public void A_host_of_a_checkpoint_was_reached_and_has_the_session_if_bytes_of_it_were_acknowledged(
        string? hostId, long acknowledged, bool wasReached, bool acked)
    {
        OpenSession session = CheckpointMapping.ToState(Kept with { HostId = hostId, BytesAcknowledged = acknowledged }, Rules).Session!;
        Assert.That((session.HostWasReached, session.HostAcked), Is.EqualTo((wasReached, acked)));
    }

    [Test]
    public void The_checkpoint_of_a_source_that_has_changed_is_compared_with_the_stored_one_before_its_session_is_canceled()
    {
        UploadState state = CheckpointMapping.ToNewUpload(
            CheckpointMapping.ToState(Kept, Rules), new BitsSourceFingerprint { Length = 40 });
        Assert.That((state.Total, state.Session!.Resumed, state.Session.Discarding), Is.EqualTo((40L, true, true)));
    }

    [TestCase(false, 20)]
    [TestCase(true, 30, Description = "the last bytes may have arrived")]
    public void Bytes_that_an_earlier_process_sent_count_as_resent_if_they_are_sent_again(bool mayBeComplete, long highest)
    {
        UploadState state = CheckpointMapping.ToState(Kept with { MayBeComplete = mayBeComplete }, Rules);
        Assert.That(state.Tally, Is.EqualTo(new Tally { HighestSent = highest }));
    }

    [TestCase(20, false, 20)]
    [TestCase(20, true, 21, Description = "one byte stands for those that are in doubt")]
    [TestCase(30, true, 30, Description = "the file has no more")]
    public void A_checkpoint_of_a_doubtful_session_looks_as_if_bytes_had_been_sent(long offset, bool isDoubtful, long sentAtMost)
    {
        OpenSession session = Created.Session! with { Offset = offset, HighestSent = offset, Doubtful = isDoubtful };
        UploadState state = Created with { Session = session };
        Assert.That(CheckpointMapping.ToCheckpoint(state)!.BytesSentAtMost, Is.EqualTo(sentAtMost));
    }

    [TestCase(BitsResendPolicy.Resynchronize, null, false)]
    [TestCase(BitsResendPolicy.NewSession, true, true)]
    [TestCase(BitsResendPolicy.Detect, null, true)]
    [TestCase(BitsResendPolicy.Detect, false, true)]
    [TestCase(BitsResendPolicy.Detect, true, false)]
    public void A_handler_may_repeat_a_fragment_only_if_it_is_certainly_stored_once(
        BitsResendPolicy policy, bool? keepsOffsets, bool mayStoreTwice)
    {
        UploadState state = Created with
        {
            Options = Rules with { ResendPolicy = policy },
            Sizing = Created.Sizing with { KeepsOffsets = keepsOffsets },
        };
        Assert.That(state.MayStoreTwice, Is.EqualTo(mayStoreTwice));
    }

    [Test]
    public void A_checkpoint_records_that_the_last_fragment_had_no_ack()
    {
        UploadState state = CheckpointMapping.ToState(Kept with { MayBeComplete = true }, Rules);
        Assert.That((state.Session!.HighestSent, state.MayBeStored), Is.EqualTo((30L, true)));
        Assert.That(CheckpointMapping.ToCheckpoint(state)!.MayBeComplete, Is.True);
    }

    [Test]
    public void A_checkpoint_is_the_same_after_it_was_read_and_written_again()
    {
        BitsUploadCheckpoint full = Kept with
        {
            Id = Guid.NewGuid(),
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            HostId = "node7:90",
            HostIdFallback = TimeSpan.FromSeconds(60),
            BytesAcknowledged = 30,
            BytesSentAtMost = 30,
            ServerKeepsOffsets = true,
            LargestFragmentAccepted = 20,
            FragmentSizeLimit = 25,
            IsAskingUseless = true,
            MayBeComplete = true,
            ExpectsReply = true,
            ReplyUrl = new Uri("http://bits.test/r.bin"),
            ReplyPath = "r.bin",
            Description = "a report",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            NeedsNewSession = true,
            OtherSessions =
            [
                new BitsOtherSession { Url = new Uri("http://node8/f.bin"), SessionId = "other" },
                new BitsOtherSession { Url = new Uri("http://bits.test/f.bin") },
            ],
            EarlierSessionMayBeComplete = true,
        };
        UploadState read = CheckpointMapping.ToState(full, Rules);
        Assert.That(CheckpointMapping.ToCheckpoint(read), Is.EqualTo(full));
        Assert.That(read.Target.AbsoluteUri, Is.EqualTo("http://node7:90/f.bin"));
    }

    [Test]
    public void A_complete_file_without_the_URL_of_its_reply_is_refused() =>
        Assert.That(
            () => CheckpointMapping.ToState(Kept with { BytesAcknowledged = 30, ExpectsReply = true }, Rules),
            Throws.ArgumentException.With.Message.Contains("the URL of the reply"));

    [Test]
    public void Only_an_open_session_has_a_checkpoint()
    {
        Assert.That(CheckpointMapping.ToCheckpoint(Fresh), Is.Null);
        Assert.That(CheckpointMapping.ToCheckpoint(Created with { Closed = true }), Is.Null);
        Assert.That(CheckpointMapping.ToCheckpoint(Created with { Canceled = true }), Is.Null);
        Assert.That(CheckpointMapping.ToCheckpoint(Created), Is.Not.Null);
    }

    [Test]
    public void An_outcome_claims_no_more_than_the_server_confirmed()
    {
        Assert.That(Fresh.Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(
            Fresh.WithLeftBehind(Fresh.Url).Outcome,
            Is.EqualTo(BitsCancelOutcome.Unconfirmed),
            "there may be a session");
        Assert.That(
            (Fresh with { Ledger = Fresh.Ledger with { MayBeStored = true } }).Outcome,
            Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(Created.Outcome, Is.Null, "it is open");
        Assert.That((Created with { Canceled = true }).Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(
            (Created with { Canceled = true, Session = Created.Session! with { LastFragmentUnanswered = true } }).Outcome,
            Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(
            (Created.WithLeftBehind(Fresh.Url, "other") with { Canceled = true }).Outcome,
            Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That((Complete with { Canceled = true }).Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That((Complete with { Canceled = true, WantsReply = true }).Outcome, Is.EqualTo(BitsCancelOutcome.ReplyCanceled));
        Assert.That((Complete with { Closed = true, WantsReply = true }).Outcome, Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
    }

    [Test]
    public void A_file_may_be_stored_once_its_last_bytes_were_sent()
    {
        Assert.That(Created.MayBeStored, Is.False);
        Assert.That((Created with { Session = Created.Session! with { LastFragmentUnanswered = true } }).MayBeStored, Is.True);
        Assert.That((Created with { Ledger = Created.Ledger with { MayBeStored = true } }).MayBeStored, Is.True);
        Assert.That(Complete.MayBeStored, Is.True);
        Assert.That((Complete with { Session = null }).MayBeStored, Is.False, "without a session, the offset is 0");
    }

    [Test]
    public void An_upload_that_leaves_no_session_is_not_canceled() =>
        Assert.That(Fresh.WithoutSession(SessionFate.Canceled), Is.EqualTo(Fresh));

    [Test]
    public void A_fragment_is_half_sent_while_bytes_may_have_arrived_that_no_ack_reported()
    {
        UploadState even = Created with { Session = Created.Session! with { Offset = 20, HighestSent = 20 } };
        Assert.That(even.HasUnacknowledgedBytes, Is.False);
        Assert.That((even with { Session = even.Session! with { HighestSent = 21 } }).HasUnacknowledgedBytes, Is.True);
    }

    private static BitsOtherSession Other(string id) => new() { Url = new Uri("http://bits.test/f.bin"), SessionId = id };
}
