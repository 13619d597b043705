using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The download of the reply, between the last fragment and Close-Session.</summary>
public sealed class ReplyRulesTests
{
    private const string Where = @"Replies\{1}\r.bin";

    private static readonly UploadState LastIsDue = new()
    {
        Url = new Uri("http://bits.test/v/f.bin"),
        Options = MachineOptions.From(new BitsUploadOptions { FixedFragmentSize = 10 }.Checked("options")),
        Total = 10,
        WantsReply = true,
        Session = new OpenSession { Id = "id", HighestSent = 10 },
        Sizing = new FragmentSizing { Size = 10 },
    };

    private static readonly UploadState Due = Apply(LastIsDue, Ack() with { ReplyUrl = Where }).State;

    [Test]
    public void After_the_last_ack_the_reply_is_downloaded_and_then_the_session_closed()
    {
        Uri replyUrl = new("http://bits.test/v/Replies/%7B1%7D/r.bin");
        Assert.That(UploadMachine.Next(Due), Is.EqualTo(new BitsPacket.GetReply("id", replyUrl)));
        UploadState received = Apply(Due, new BitsAck { StatusCode = HttpStatusCode.OK }).State;
        Assert.That(UploadMachine.Next(received), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void A_plain_upload_ignores_the_header()
    {
        Transition transition = Apply(LastIsDue with { WantsReply = false }, Ack() with { ReplyUrl = "http://evil.test/" });
        Assert.That(transition.Failure, Is.Null);
        Assert.That(UploadMachine.Next(transition.State), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void Before_the_last_fragment_no_reply_is_expected() =>
        Assert.That(Apply(LastIsDue with { Total = 20 }, Ack()).Failure, Is.Null);

    [Test]
    public void The_error_of_a_reply_on_another_origin_names_the_option_that_would_allow_it() =>
        Assert.That(
            Apply(LastIsDue, Ack() with { ReplyUrl = "http://evil.test/1" }).Failure!.Message,
            Does.EndWith(
                "its scheme, host and port are neither those of the upload's URL nor those of the session, and "
                + "AllowReplyFromAnyOrigin is off."));

    [Test]
    public void A_URL_that_was_lost_with_the_last_ack_is_worth_another_session_and_one_that_is_not_allowed_is_not([Values] bool isLost)
    {
        UploadState doubtful = LastIsDue with { Session = LastIsDue.Session! with { Doubtful = isLost } };
        BitsPacket.Fragment last = new("id", null, 0, 10, 10);
        Transition missing = UploadMachine.Apply(doubtful, last, Ack(), TimeSpan.Zero);
        Assert.That(
            FailureTable.Of(missing.Failure!, last, missing.State), Is.EqualTo(isLost ? Remedy.NewSession : Remedy.Stop));
        Transition elsewhere = UploadMachine.Apply(doubtful, last, Ack() with { ReplyUrl = "http://evil.test/1" }, TimeSpan.Zero);
        Assert.That(FailureTable.Of(elsewhere.Failure!, last, elsewhere.State), Is.EqualTo(Remedy.Stop));
    }

    [TestCase(null, "BITS-Reply-URL is missing; the last ack of an upload-reply must specify the URL of the reply.")]
    [TestCase("ftp://bits.test/1", "http or https")]
    [TestCase("http://evil.test/1", "neither those of the upload's URL nor those of the session")]
    [TestCase("http://bits.test:8080/1", "neither those of the upload's URL nor those of the session", Description = "another port")]
    [TestCase("https://bits.test/1", "neither those of the upload's URL nor those of the session", Description = "another scheme")]
    [TestCase(@"\\evil.test\1", "it ", Description = "a UNC path where the system has them, otherwise a URL")]
    [TestCase("//evil.test/1", "neither those of the upload's URL nor those of the session")]
    public void A_reply_URL_that_is_missing_or_on_another_origin_is_an_error_and_the_session_is_discarded(string? value, string reason)
    {
        Transition transition = Apply(LastIsDue, Ack() with { ReplyUrl = value });
        Assert.That(
            transition.Failure,
            Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Reply-URL")
                .And.Property("Value").EqualTo(value).And.Message.Contains(reason));
        Assert.That(UploadMachine.Next(transition.State), Is.TypeOf<BitsPacket.CancelSession>());
    }

    [Test]
    public void Query_and_user_info_of_a_URL_that_is_refused_are_not_shown()
    {
        BitsUploadException failure = Apply(LastIsDue, Ack() with { ReplyUrl = "http://user:secret@evil.test/1?sig=secret" }).Failure!;
        Assert.That(failure.Message, Does.Contain("'http://evil.test/1'").And.Not.Contain("secret"));
    }

    [Test]
    public void Another_origin_is_accepted_if_it_is_allowed_or_is_the_sessions_own()
    {
        UploadState open = LastIsDue with { Options = MachineOptions.From(new BitsUploadOptions { AllowReplyFromAnyOrigin = true }) };
        Assert.That(Apply(open, Ack() with { ReplyUrl = "http://elsewhere.test/1" }).Failure, Is.Null);
        SessionHost node = new("node7", new Uri("http://node7/v/f.bin"), Fallback: null);
        UploadState atNode = LastIsDue with { Session = LastIsDue.Session! with { Host = node } };
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "http://NODE7:80/1" }).Failure, Is.Null);
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "http://node7:8080/1" }).Failure, Is.TypeOf<BitsProtocolException>());
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "http://bits.test/1" }).Failure, Is.Null);
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "1" }).State.Session!.ReplyUrl, Is.EqualTo(new Uri("http://node7/v/1")));
    }

    [TestCase(404, false)]
    [TestCase(410, false)]
    [TestCase(503, true)]
    public void A_refused_download_is_a_server_error(int status, bool transient)
    {
        Transition transition = Apply(Due, new BitsAck { StatusCode = (HttpStatusCode)status });
        Assert.That(
            transition.Failure,
            Is.TypeOf<BitsServerException>().With.Property("IsTransient").EqualTo(transient)
                .And.Property("Url").EqualTo(Due.Session!.ReplyUrl));
        Assert.That(UploadMachine.Next(transition.State), Is.TypeOf<BitsPacket.GetReply>(), "the session stays as it is");
        Assert.That(
            FailureTable.Of(transition.Failure!, UploadMachine.Next(Due)!, transition.State),
            Is.EqualTo(transient ? Remedy.Retry : Remedy.Stop));
    }

    [TestCase(201)]
    [TestCase(204)]
    public void A_success_without_content_is_not_a_reply(int status) =>
        Assert.That(Apply(Due, Ack() with { StatusCode = (HttpStatusCode)status }).Failure, Is.TypeOf<BitsProtocolException>());

    [Test]
    public void Progress_of_the_download_resets_the_retries_and_going_back_does_not()
    {
        UploadState retried = Due with { Session = Due.Session! with { ReplyHighWater = 100 }, Budget = Due.Budget with { Retries = 5 } };
        Assert.That(ReplyRules.Received(retried, 100).Budget.Retries, Is.EqualTo(5));
        UploadState received = ReplyRules.Received(retried, 101);
        Assert.That((received.Budget.Retries, received.Session!.ReplyHighWater), Is.EqualTo((0, 101)));
    }

    [Test]
    public void A_session_that_is_gone_after_its_reply_was_received_counts_as_closed()
    {
        BitsAck gone = Ack() with { StatusCode = HttpStatusCode.InternalServerError, ErrorCode = BitsHResult.SessionNotFound };
        Transition transition = Apply(Due with { Session = Due.Session! with { ReplyReceived = true } }, gone);
        Assert.That(transition.Failure, Is.Null);
        Assert.That(UploadMachine.Next(transition.State), Is.Null);
    }

    [Test]
    public void Another_session_has_another_reply()
    {
        OpenSession received = Due.Session! with { ReplyReceived = true, ReplyHighWater = 7 };
        UploadState replaced = UploadMachine.Begun(Due with { Canceled = true, Session = received });
        Assert.That(replaced.Session, Is.Null);
        Assert.That(replaced.WantsReply, Is.True);
    }

    [Test]
    public void A_checkpoint_records_where_the_reply_is_and_whether_it_was_received()
    {
        Assert.That(CheckpointMapping.ToCheckpoint(Due)!.ReplyUrl, Is.EqualTo(Due.Session!.ReplyUrl));
        Assert.That(
            CheckpointMapping.ToCheckpoint(Due with { Session = Due.Session! with { ReplyReceived = true } })!,
            Has.Property("IsReplyReceived").True.And.Property("ReplyUrl").EqualTo(Due.Session!.ReplyUrl));
        Assert.That(CheckpointMapping.ToState(CheckpointMapping.ToCheckpoint(Due)!, Due.Options).IsReplyDue, Is.True);
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static Transition Apply(UploadState state, BitsAck ack) =>
        UploadMachine.Apply(state, UploadMachine.Next(state)!, ack, TimeSpan.Zero);
}
