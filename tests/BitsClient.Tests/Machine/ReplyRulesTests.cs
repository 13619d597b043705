using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The step between the last fragment and Close-Session.</summary>
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
        Assert.That(UploadMachine.Next(Due), Is.EqualTo(new BitsPacket.GetReply("id", new Uri("http://bits.test/v/Replies/%7B1%7D/r.bin"))));
        UploadState received = Apply(Due, new BitsAck { StatusCode = HttpStatusCode.OK }).State;
        Assert.That(UploadMachine.Next(received), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void In_an_upload_the_header_is_not_looked_at()
    {
        Transition turn = Apply(LastIsDue with { WantsReply = false }, Ack() with { ReplyUrl = "http://evil.test/" });
        Assert.That(turn.Failure, Is.Null);
        Assert.That(UploadMachine.Next(turn.State), Is.TypeOf<BitsPacket.CloseSession>());
    }

    [Test]
    public void Before_the_last_fragment_no_reply_is_expected() =>
        Assert.That(Apply(LastIsDue with { Total = 20 }, Ack()).Failure, Is.Null);

    [TestCase(null, "BITS-Reply-URL is missing; the last ack of an upload-reply must specify the URL of the reply.")]
    [TestCase("ftp://bits.test/1", "http or https")]
    [TestCase("http://evil.test/1", "another host")]
    [TestCase(@"\\evil.test\1", "it ", Description = "a file of another host where the system knows such, a URL on it where not")]
    [TestCase("//evil.test/1", "another host")]
    public void A_reply_nowhere_or_on_another_host_is_an_error_and_the_session_of_no_more_use(string? value, string reason)
    {
        Transition turn = Apply(LastIsDue, Ack() with { ReplyUrl = value });
        Assert.That(
            turn.Failure,
            Is.TypeOf<BitsProtocolException>().With.Property("Header").EqualTo("BITS-Reply-URL").And.Property("Value").EqualTo(value).And.Message.Contains(reason));
        Assert.That(UploadMachine.Next(turn.State), Is.TypeOf<BitsPacket.CancelSession>());
    }

    [Test]
    public void Query_and_user_info_of_a_URL_that_is_refused_are_not_shown()
    {
        BitsUploadException failure = Apply(LastIsDue, Ack() with { ReplyUrl = "http://user:secret@evil.test/1?sig=secret" }).Failure!;
        Assert.That(failure.Message, Does.Contain("'http://evil.test/1'").And.Not.Contain("secret"));
    }

    [Test]
    public void Another_host_is_right_where_it_is_allowed_or_is_the_sessions_own()
    {
        UploadState open = LastIsDue with { Options = MachineOptions.From(new BitsUploadOptions { AllowReplyFromAnyHost = true }) };
        Assert.That(Apply(open, Ack() with { ReplyUrl = "http://elsewhere.test/1" }).Failure, Is.Null);
        UploadState atNode = LastIsDue with { Session = LastIsDue.Session! with { Host = new SessionHost("node7", new Uri("http://node7/v/f.bin"), Fallback: null) } };
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "http://NODE7:8080/1" }).Failure, Is.Null);
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "http://bits.test/1" }).Failure, Is.Null);
        Assert.That(Apply(atNode, Ack() with { ReplyUrl = "1" }).State.Session!.ReplyUrl, Is.EqualTo(new Uri("http://node7/v/1")));
    }

    [TestCase(404, false)]
    [TestCase(410, false)]
    [TestCase(503, true)]
    public void A_download_that_is_refused_is_the_servers_word(int status, bool transient)
    {
        Transition turn = Apply(Due, new BitsAck { StatusCode = (HttpStatusCode)status });
        Assert.That(turn.Failure, Is.TypeOf<BitsServerException>().With.Property("IsTransient").EqualTo(transient).And.Property("Url").EqualTo(Due.Session!.ReplyUrl));
        Assert.That(UploadMachine.Next(turn.State), Is.TypeOf<BitsPacket.GetReply>(), "the session stays as it is");
        Assert.That(FailureTable.Of(turn.Failure!, UploadMachine.Next(Due)!, turn.State), Is.EqualTo(transient ? Remedy.Retry : Remedy.Stop));
    }

    [TestCase(201)]
    [TestCase(204)]
    public void A_success_that_brings_nothing_is_no_reply(int status) =>
        Assert.That(Apply(Due, Ack() with { StatusCode = (HttpStatusCode)status }).Failure, Is.TypeOf<BitsProtocolException>());

    [Test]
    public void Progress_of_the_download_renews_the_tries_and_going_back_does_not()
    {
        UploadState tired = Due with { Session = Due.Session! with { ReplyHighWater = 100 }, Budget = Due.Budget with { Retries = 5 } };
        Assert.That(ReplyRules.Received(tired, 100).Budget.Retries, Is.EqualTo(5));
        UploadState received = ReplyRules.Received(tired, 101);
        Assert.That((received.Budget.Retries, received.Session!.ReplyHighWater), Is.EqualTo((0, 101)));
    }

    [Test]
    public void A_session_that_is_gone_once_its_reply_is_here_is_as_good_as_closed()
    {
        BitsAck gone = Ack() with { StatusCode = HttpStatusCode.InternalServerError, ErrorCode = BitsHResult.SessionNotFound };
        Transition turn = Apply(Due with { Session = Due.Session! with { ReplyReceived = true } }, gone);
        Assert.That(turn.Failure, Is.Null);
        Assert.That(UploadMachine.Next(turn.State), Is.Null);
    }

    [Test]
    public void Another_session_has_another_reply()
    {
        UploadState anew = UploadMachine.Begun(Due with { Canceled = true, Session = Due.Session! with { ReplyReceived = true, ReplyHighWater = 7 } });
        Assert.That(anew.Session, Is.Null);
        Assert.That(anew.WantsReply, Is.True);
    }

    [Test]
    public void A_saved_state_tells_where_the_reply_is_and_whether_it_is_here()
    {
        Assert.That(CheckpointMapping.ToCheckpoint(Due)!.ReplyUrl, Is.EqualTo(Due.Session!.ReplyUrl));
        Assert.That(CheckpointMapping.ToCheckpoint(Due with { Session = Due.Session! with { ReplyReceived = true } })!, Has.Property("IsReplyReceived").True.And.Property("ReplyUrl").EqualTo(Due.Session!.ReplyUrl));
        Assert.That(CheckpointMapping.ToState(CheckpointMapping.ToCheckpoint(Due)!, Due.Options).IsReplyDue, Is.True);
    }

    private static BitsAck Ack() => new() { StatusCode = HttpStatusCode.OK, IsAck = true };

    private static Transition Apply(UploadState state, BitsAck ack) => UploadMachine.Apply(state, UploadMachine.Next(state)!, ack, TimeSpan.Zero);
}
