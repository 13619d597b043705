using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsAckReaderTests
{
    [Test]
    public void The_captured_create_ack_is_read()
    {
        BitsAck ack = Read(
            HttpStatusCode.OK,
            ("BITS-Packet-Type", "Ack"),
            ("BITS-Protocol", "{7df0354d-249b-430f-820d-3d2a9bef4931}"),
            ("BITS-Session-Id", "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"));
        Assert.That(ack, Is.EqualTo(new BitsAck
        {
            StatusCode = HttpStatusCode.OK,
            IsAck = true,
            SessionId = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
            Protocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}",
        }));
    }

    [TestCase(HttpStatusCode.OK, "Ack", true)]
    [TestCase(HttpStatusCode.Created, "ack", true)]
    [TestCase(HttpStatusCode.OK, "ACK", true)]
    [TestCase(HttpStatusCode.OK, "Nack", false)]
    [TestCase(HttpStatusCode.OK, null, false)]
    [TestCase(HttpStatusCode.Accepted, "Ack", false)]
    [TestCase(HttpStatusCode.InternalServerError, "Ack", false)]
    public void Success_is_200_or_201_and_an_ack(HttpStatusCode status, string? packetType, bool success) =>
        Assert.That((packetType is null ? Read(status) : Read(status, ("BITS-Packet-Type", packetType))).IsSuccess, Is.EqualTo(success));

    [TestCase("0", 0)]
    [TestCase("4892", 4892)]
    [TestCase(" 4892 ", 4892)]
    [TestCase("9223372036854775807", long.MaxValue)]
    [TestCase("9223372036854775808", null)]
    [TestCase("-1", null)]
    [TestCase("none", null)]
    [TestCase("0-9/30", null)]
    [TestCase("1,000", null)]
    [TestCase("", null)]
    public void The_received_range_is_one_number_or_none(string text, long? offset)
    {
        BitsAck ack = Read(HttpStatusCode.OK, ("BITS-Received-Content-Range", text));
        Assert.That(ack.ReceivedOffset, Is.EqualTo(offset));
        Assert.That(ack.ReceivedOffsetText, Is.EqualTo(text.Trim()), "the original text is kept for messages");
    }

    [Test]
    public void A_missing_range_is_not_malformed() =>
        Assert.That(Read(HttpStatusCode.OK).ReceivedOffsetText, Is.Null);

    [Test]
    public void A_range_sent_twice_is_malformed() =>
        Assert.That(
            Read(HttpStatusCode.OK, ("BITS-Received-Content-Range", "5"), ("BITS-Received-Content-Range", "5")).ReceivedOffset,
            Is.Null);

    [Test]
    public void A_session_id_sent_twice_is_ignored() =>
        Assert.That(Read(HttpStatusCode.OK, ("BITS-Session-Id", "{1}"), ("BITS-Session-Id", "{1}")).SessionId, Is.Null);

    [Test]
    public void The_range_is_also_read_from_a_misspelled_header() =>
        Assert.That(Read(HttpStatusCode.OK, ("BITS-Recieved-Content-Range", "5")).ReceivedOffset, Is.EqualTo(5));

    [Test]
    public void The_correct_spelling_wins_when_both_are_present() =>
        Assert.That(
            Read(HttpStatusCode.OK, ("BITS-Recieved-Content-Range", "5"), ("BITS-Received-Content-Range", "7")).ReceivedOffset,
            Is.EqualTo(7));

    [TestCase("120", 120)]
    [TestCase("Thu, 01 Jan 1970 00:02:00 GMT", 120)]
    [TestCase("Wed, 31 Dec 1969 00:00:00 GMT", 0)]
    [TestCase("soon", null)]
    public void Retry_After_is_seconds_or_a_date(string text, int? seconds) =>
        Assert.That(Read(HttpStatusCode.ServiceUnavailable, ("Retry-After", text)).RetryAfter?.TotalSeconds, Is.EqualTo(seconds));

    [TestCase("0x80070057", 0x80070057)]
    [TestCase("0X80070057", 0x80070057)]
    [TestCase("x80070057", 0x80070057)]
    [TestCase("80070057", 0x80070057)]
    [TestCase("ff", 0xFFu)]
    [TestCase("1", 1u)]
    [TestCase("", null)]
    [TestCase("0x", null)]
    [TestCase("none", null)]
    [TestCase("0", null, Description = "success is no error")]
    [TestCase("0x00000000", null)]
    [TestCase("0x180070057", null)]
    public void Error_codes_are_read_as_hexadecimal_in_every_notation(string text, uint? code)
    {
        Assert.That(Read(HttpStatusCode.InternalServerError, ("BITS-Error-Code", text)).ErrorCode, Is.EqualTo(code));
        Assert.That(Read(HttpStatusCode.InternalServerError, ("BITS-Error", text)).ErrorCode, Is.EqualTo(code));
        Assert.That(Read(HttpStatusCode.InternalServerError, ("BITS-Error-Context", text)).ErrorContext, Is.EqualTo(code));
    }

    [TestCase("2", 2u)]
    [TestCase("none", 1u)]
    public void A_valid_BITS_Error_Code_wins_over_BITS_Error(string text, uint code) =>
        Assert.That(Read(HttpStatusCode.InternalServerError, ("BITS-Error", "1"), ("BITS-Error-Code", text)).ErrorCode, Is.EqualTo(code));

    private static BitsAck Read(HttpStatusCode status, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = new(status);
        foreach ((string name, string value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return BitsAckReader.Read(response, DateTimeOffset.UnixEpoch);
    }
}
