using System.Net;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Tests.Errors;

/// <summary>The errors of unusable acks: what was sent, what the server answered, and what to do about it.</summary>
public sealed class AckFailureTests
{
    private static readonly Uri Url = new("http://user:password@host/f.bin?sig=secret");

    private static readonly BitsPacket Create = new BitsPacket.CreateSession("f.bin");
    private static readonly BitsPacket Fragment = new BitsPacket.Fragment("id", "f.bin", Offset: 0, Length: 10, Total: 30);
    private static readonly BitsPacket.GetReply Get = new("id", new Uri("http://host/r.bin"));

    [TestCase(200)]
    [TestCase(201)]
    public void A_success_is_no_failure(int status)
    {
        Assert.That(AckFailure.Of(Create, Url, Ack(status)), Is.Null);
        Assert.That(AckFailure.OfReply(Get, Ack(200)), Is.Null);
    }

    [TestCase(500, null, "Create-Session to http://host/f.bin: the server answered 500.")]
    [TestCase(500, 0x80200020u, "Create-Session to http://host/f.bin: the server answered 500 with 0x80200020 BG_E_TOO_LARGE.")]
    [TestCase(500, 0x5u, "Create-Session to http://host/f.bin: the server answered 500 with 0x00000005.", Description = "an unnamed code")]
    public void A_refusal_names_the_packet_the_status_and_the_code(int status, uint? code, string message) =>
        Assert.That(AckFailure.Of(Create, Url, Ack(status) with { ErrorCode = code })!.Message, Is.EqualTo(message));

    [Test]
    public void The_error_of_a_success_without_an_ack_says_that_it_is_not_a_BITS_server()
    {
        BitsUploadException failure = AckFailure.Of(Create, Url, Ack(200) with { IsAck = false })!;
        Assert.That(
            failure,
            Is.TypeOf<BitsProtocolException>().With.Message.EqualTo(
                "Create-Session to http://host/f.bin: the server answered 200 without BITS-Packet-Type: Ack. "
                + "This is not a BITS server; a portal or a login page may have answered instead.")
                .And.Property("Header").EqualTo("BITS-Packet-Type").And.Property("Value").Null);
    }

    [TestCase(202)]
    [TestCase(299)]
    public void An_ack_with_another_success_than_200_and_201_acknowledges_nothing(int status) =>
        Assert.That(
            AckFailure.Of(Create, Url, Ack(status)),
            Is.TypeOf<BitsProtocolException>().With.Message.EndsWith($": the server answered {status}, which acknowledges nothing.")
                .And.Property("Header").EqualTo("BITS-Packet-Type").And.Property("Value").EqualTo("Ack"));

    [Test]
    public void The_error_of_a_success_without_a_reply_says_so() =>
        Assert.That(
            AckFailure.OfReply(Get, Ack(204)),
            Is.TypeOf<BitsProtocolException>().With.Message.EqualTo(
                "GET to http://host/r.bin (session id): the server answered 204, which does not contain a reply.")
                .And.Property("Url").EqualTo(Get.Url));

    [Test]
    public void The_error_of_a_followed_redirect_says_what_to_do() =>
        Assert.That(
            AckFailure.Of(Create, Url, Ack(200) with { RedirectedTo = new Uri("http://elsewhere/f.bin?sig=secret") }),
            Is.TypeOf<BitsProtocolException>().With.Message.EndsWith(
                ": the HttpClient followed a redirect to http://elsewhere/f.bin, and uploads are not redirected: "
                + "turn AllowAutoRedirect off, or use that URL if you trust it.")
                .And.Property("Header").Null);

    [TestCase("http://elsewhere/f.bin?sig=secret", "http://elsewhere/f.bin")]
    [TestCase("https://user:secret@elsewhere/f.bin", "https://elsewhere/f.bin")]
    [TestCase("login?from=secret", "login")]
    [TestCase("/login?from=secret", "/login", Description = "a path is a file's URL to some systems")]
    [TestCase(null, "nowhere")]
    public void The_error_of_a_redirect_names_its_target_without_the_query(string? location, string shown)
    {
        foreach (int status in new[] { 300, 302, 399 })
        {
            Assert.That(
                AckFailure.Of(Create, Url, Ack(status) with { Location = location })!.Message,
                Does.EndWith($" It redirects to {shown}, and uploads are not redirected: use that URL if you trust it."));
        }
    }

    [TestCase(401, "Negotiate, Basic", "Negotiate, Basic")]
    [TestCase(407, null, "without naming a scheme")]
    public void The_error_of_a_challenge_names_the_schemes_it_offers(int status, string? challenges, string shown) =>
        Assert.That(
            AckFailure.Of(Create, Url, Ack(status) with { Challenges = challenges })!.Message,
            Does.EndWith($" It asks for authentication ({shown}); give the HttpClient's handler credentials."));

    [Test]
    public void The_error_of_a_fragment_that_is_too_large_says_so() =>
        Assert.That(
            AckFailure.Of(Fragment, Url, Ack(413))!.Message,
            Does.EndWith(" The fragment is too large for the server or something on the way to it; send smaller ones."));

    [TestCase(401)]
    [TestCase(407)]
    public void The_error_of_a_challenge_to_credentials_says_that_they_are_wrong(int status) =>
        Assert.That(
            AckFailure.Of(Create, Url, Ack(status) with { Challenges = "Basic", RefusedCredentials = true })!.Message,
            Does.EndWith(
                " It refused the credentials that were sent, and asks for authentication again (Basic); check the user name and the "
                + "password, or the token."));

    [TestCase("http://host/a+b.bin", 404, false, true)]
    [TestCase("http://host/a%2bb.bin", 404, false, true)]
    [TestCase("http://host/a%2525b.bin", 404, false, true)]
    [TestCase("http://host/a+b.bin", 404, true, false)]
    [TestCase("http://host/a+b.bin", 403, false, false)]
    [TestCase("http://host/a%20b.bin?c+d", 404, false, false)]
    public void The_error_of_a_path_that_IIS_takes_for_double_escaping_says_so(string url, int status, bool isAck, bool hasAdvice) =>
        Assert.That(
            AckFailure.Of(Create, new Uri(url), Ack(status) with { IsAck = isAck })!.Message.Contains("allowDoubleEscaping"),
            Is.EqualTo(hasAdvice));

    [TestCase(501)]
    [TestCase(409)]
    public void The_error_of_a_refused_Close_Session_says_that_every_byte_was_acknowledged(int status) =>
        Assert.That(
            AckFailure.Of(new BitsPacket.CloseSession("id", null), Url, Ack(status))!.Message,
            Does.EndWith(" Every byte was acknowledged before, so the file may already be on the server."));

    [TestCase(501, true, true)]
    [TestCase(501, false, true)]
    [TestCase(404, false, true)]
    [TestCase(405, false, true)]
    [TestCase(400, false, true)]
    [TestCase(403, false, true)]
    [TestCase(406, false, true)]
    [TestCase(403, true, false)]
    [TestCase(404, true, false, Description = "a BITS server says so itself")]
    [TestCase(400, true, false)]
    [TestCase(413, false, false)]
    public void If_Create_Session_is_not_understood_the_verb_may_be_the_reason(int status, bool isAck, bool hasAdvice)
    {
        string advice = " BITS uploads are not enabled at this URL, or the server or a proxy does not know the verb BITS_POST; "
            + "OverrideVerb sends POST instead.";
        string message = AckFailure.Of(Create, Url, Ack(status) with { IsAck = isAck })!.Message;
        Assert.That(message, hasAdvice ? Does.EndWith(advice) : Does.EndWith($"the server answered {status}."));
        Assert.That(AckFailure.Of(Fragment, Url, Ack(404))!.Message, Does.EndWith("the server answered 404."), "a session was created");
    }

    [Test]
    public void A_failure_names_the_session_of_every_packet_that_has_one()
    {
        foreach (BitsPacket packet in new[] { Fragment, Get, new BitsPacket.CloseSession("id", null), new BitsPacket.CancelSession("id") })
        {
            foreach (int status in new[] { 202, 500 })
            {
                BitsUploadException failure = AckFailure.Of(packet, Url, Ack(status))!;
                Assert.That((failure.SessionId, failure.Url, failure.PacketType), Is.EqualTo(("id", Url, packet.Type)));
                Assert.That(failure.Message, Does.Contain(" to http://host/f.bin (session id): "));
            }
        }

        foreach (BitsPacket packet in new[] { Create, new BitsPacket.Ping() })
        {
            Assert.That(AckFailure.Of(packet, Url, Ack(500)), Has.Property("SessionId").Null.And.Message.Not.Contain("session "));
        }
    }

    [Test]
    public void The_error_of_an_invalid_header_names_its_value_or_says_that_it_is_missing()
    {
        BitsProtocolException missing = AckFailure.Header(Create, Url, "BITS-Session-Id", value: null, "it has to be there.");
        Assert.That(missing.Message, Is.EqualTo("Create-Session to http://host/f.bin: BITS-Session-Id is missing; it has to be there."));
        Assert.That((missing.Header, missing.Value), Is.EqualTo(("BITS-Session-Id", (string?)null)));

        BitsProtocolException wrong = AckFailure.Header(Create, Url, "BITS-Session-Id", "a\u0001b", "it has to be printable.");
        Assert.That(wrong.Message, Is.EqualTo("Create-Session to http://host/f.bin: BITS-Session-Id is 'a?b'; it has to be printable."));
        Assert.That(wrong.Value, Is.EqualTo("a?b"));
    }

    [TestCase(100, false)]
    [TestCase(101, true)]
    public void Text_from_a_server_is_truncated_at_100_characters(int length, bool isTruncated) =>
        Assert.That(MessageText.OfServerText(new string('9', length)), Is.EqualTo(new string('9', 100) + (isTruncated ? "…" : "")));

    [TestCase("a\r\nb\nc", "a b c")]
    [TestCase("a\u2028b", "a b")]
    [TestCase("\u001b[31m", "?[31m")]
    public void A_line_break_from_a_server_becomes_a_space(string text, string shown) =>
        Assert.That(MessageText.OfServerText(text), Is.EqualTo(shown));

    [Test]
    public void No_text_shows_a_control_character_that_a_server_sent()
    {
        const string Red = "\u001b[31mred";
        HttpRequestException cause = new(Red);
        string text = new BitsUploadException("It failed.", cause).ToString();
        Assert.That(text, Does.Contain(": ?[31mred").And.Contain(Environment.NewLine), "the causes have lines of their own");
        Assert.That(
            new BitsUploadCanceledException(BitsCancelOutcome.Unconfirmed, innerException: cause).ToString(),
            Does.Contain(": ?[31mred"));
        Assert.That((Ack(200) with { SessionId = Red }).ToString(), Does.Contain("SessionId = ?[31mred"));
    }

    private static BitsAck Ack(int status) => new() { StatusCode = (HttpStatusCode)status, IsAck = true };
}
