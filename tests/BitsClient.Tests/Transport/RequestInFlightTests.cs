using BitsClient.Content;
using BitsClient.Protocol;
using BitsClient.Tests.Support;
using BitsClient.Transport;

namespace BitsClient.Tests.Transport;

/// <summary>What ends a request before its ack, and what does not. The test moves the clock.</summary>
public sealed class RequestInFlightTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Response = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Cancel = TimeSpan.FromSeconds(10);

    private static readonly BitsPacket Create = new BitsPacket.CreateSession("f.bin");
    private static readonly BitsPacket Close = new BitsPacket.CloseSession("id", "f.bin");
    private static readonly BitsPacket InMidFile = new BitsPacket.Fragment("id", "f.bin", Offset: 0, Length: 10, Total: 20);
    private static readonly BitsPacket Last = new BitsPacket.Fragment("id", "f.bin", Offset: 10, Length: 10, Total: 20);

    private static readonly BitsPacket[] WithoutConsequence =
    [
        new BitsPacket.Ping(), InMidFile, new BitsPacket.GetReply("id", new Uri("http://host/r.bin")), new BitsPacket.CancelSession("id"),
    ];

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void An_ack_may_take_up_to_ResponseTimeout()
    {
        using RequestInFlight request = Sent(Close);
        Assert.That(EndsAfter(request), Is.EqualTo(Response));
        Assert.That(request.Silence, Is.EqualTo(Response), "the silence that ended it");
    }

    [Test]
    public void The_time_starts_when_the_request_is_sent()
    {
        using RequestInFlight request = Of(Close);
        _time.Advance(Response - Millisecond);
        Send(request);
        Assert.That(EndsAfter(request), Is.EqualTo(Response));
    }

    [Test]
    public void A_request_that_is_never_sent_times_out_as_well()
    {
        using RequestInFlight request = Of(Close);
        Assert.That(EndsAfter(request), Is.EqualTo(Response));
        Assert.That(request.Departure.WasHandedOver, Is.False);
    }

    [Test]
    public void Each_part_of_a_body_restarts_StallTimeout_and_after_the_last_one_the_ack_is_awaited()
    {
        using RequestInFlight request = Sent(InMidFile);
        _time.Advance(Stall - Millisecond);
        request.Wrote(9, left: 1);
        _time.Advance(Stall - Millisecond);
        Assert.That(request.Token.IsCancellationRequested, Is.False);
        request.Wrote(1, left: 0);
        Assert.That(EndsAfter(request), Is.EqualTo(Response));
    }

    [Test]
    public void A_body_without_progress_times_out_after_StallTimeout()
    {
        using RequestInFlight request = Sent(InMidFile);
        request.Wrote(9, left: 1);
        Assert.That(EndsAfter(request), Is.EqualTo(Stall));
        Assert.That(request.Silence, Is.EqualTo(Stall));
    }

    [Test]
    public void An_answer_whose_body_makes_no_progress_times_out_after_StallTimeout()
    {
        using RequestInFlight request = Sent(new BitsPacket.GetReply("id", new Uri("http://host/r.bin")));
        _time.Advance(Response - Millisecond);
        request.Received();
        Assert.That(EndsAfter(request), Is.EqualTo(Stall));
    }

    [TestCaseSource(nameof(WithoutConsequence))]
    public void A_stop_ends_a_request_at_once_if_nothing_depends_on_its_ack(object packet)
    {
        using RequestInFlight request = Sent((BitsPacket)packet);
        request.Stop();
        Assert.That(request.Token.IsCancellationRequested, Is.True);
        Assert.That(request.Silence, Is.Null, "it was not silence that ended it");
    }

    [Test]
    public void A_stop_waits_for_the_ack_of_Create_Session_and_of_Close_Session_up_to_CancelTimeout()
    {
        foreach (BitsPacket packet in new[] { Create, Close })
        {
            using RequestInFlight request = Sent(packet);
            request.Stop();
            Assert.That(EndsAfter(request), Is.EqualTo(Cancel), $"{packet}");
            Assert.That(request.Silence, Is.EqualTo(Cancel), $"{packet}");
        }
    }

    [Test]
    public async Task Until_its_last_bytes_are_sent_a_stop_ends_the_last_fragment()
    {
        using FragmentContent content = Content();
        using RequestInFlight request = new(Last, Limits(), new SilenceTimer(_time), _time) { Content = content };
        Send(request);
        request.Stop();
        Assert.That(request.Token.IsCancellationRequested, Is.True);

        using FragmentContent written = Content();
        await written.CopyToAsync(Stream.Null);
        using RequestInFlight sent = new(Last, Limits(), new SilenceTimer(_time), _time) { Content = written };
        Send(sent);
        sent.Stop();
        Assert.That(EndsAfter(sent), Is.EqualTo(Cancel), "its ack is awaited");
    }

    [Test]
    public void A_stop_waits_for_a_last_fragment_whose_bytes_an_earlier_attempt_has_sent()
    {
        using FragmentContent content = Content();
        using RequestInFlight request = new(Last, Limits(), new SilenceTimer(_time), _time)
        {
            Content = content,
            EarlierTrySentLastBytes = true,
        };
        Send(request);
        request.Stop();
        Assert.That(EndsAfter(request), Is.EqualTo(Cancel));
    }

    [Test]
    public void After_a_stop_sending_more_of_a_body_does_not_extend_the_time()
    {
        using FragmentContent content = Content();
        using RequestInFlight request = new(Last, Limits(), new SilenceTimer(_time), _time)
        {
            Content = content,
            EarlierTrySentLastBytes = true,
        };
        Send(request);
        request.Stop();
        _time.Advance(Cancel - Millisecond);
        request.Wrote(10, left: 0);
        Assert.That(EndsAfter(request), Is.EqualTo(Millisecond));
    }

    [Test]
    public void A_request_that_was_not_sent_when_the_upload_stops_is_never_sent()
    {
        foreach (BitsPacket packet in new[] { Create, Close })
        {
            using RequestInFlight request = Of(packet);
            request.Stop();
            Assert.That(request.Token.IsCancellationRequested, Is.True, $"{packet}");
            Assert.That(
                () => request.HandOver(new HttpRequestMessage()),
                Throws.InstanceOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(request.Token),
                $"{packet}");
            Assert.That(request.Departure.WasHandedOver, Is.False, $"{packet}");
        }
    }

    [TestCase(10.0, true)]
    [TestCase(9.0, false)]
    [TestCase(null, false)]
    public void A_stop_lets_a_fragment_end_that_is_expected_to_take_no_more_than_a_second(double? bytesPerSecond, bool mayEnd)
    {
        _time.GracePassesAtOnce = false;
        using FragmentContent content = Content(bytesPerSecond);
        using RequestInFlight request = new(InMidFile, Limits(), new SilenceTimer(_time), _time) { Content = content };
        Send(request);
        request.Stop();
        Assert.That(request.Token.IsCancellationRequested, Is.Not.EqualTo(mayEnd));
        if (mayEnd)
        {
            Assert.That(EndsAfter(request), Is.EqualTo(RequestInFlight.Grace));
        }
    }

    [Test]
    public void A_stop_does_not_wait_for_a_last_fragment_that_is_expected_to_end_soon()
    {
        using FragmentContent content = Content(bytesPerSecond: 1000);
        using RequestInFlight request = new(Last, Limits(), new SilenceTimer(_time), _time) { Content = content };
        Send(request);
        request.Stop();
        Assert.That(request.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Nothing_ends_a_request_whose_ack_was_received()
    {
        RequestInFlight request = Sent(Close);
        request.Dispose();
        _time.Advance(Response);
        Assert.That(request.Token.IsCancellationRequested, Is.False);
    }

    private static FragmentContent Content(double? bytesPerSecond = null) =>
        new(new ShortReads(UploadRig.Bytes(20), most: 5), offset: 10, length: 10, hash: null, observer: null)
        {
            BytesPerSecond = bytesPerSecond,
        };

    private static RequestTimeouts Limits() => new(Stall, Response, Cancel);

    private RequestInFlight Of(BitsPacket packet) => new(packet, Limits(), new SilenceTimer(_time), _time);

    private RequestInFlight Sent(BitsPacket packet)
    {
        RequestInFlight request = Of(packet);
        Send(request);
        return request;
    }

    private static void Send(RequestInFlight request)
    {
        request.HandOver(new HttpRequestMessage());
        request.Answered();
    }

    // How long the clock has to be moved until the request ends.
    private TimeSpan EndsAfter(RequestInFlight request)
    {
        DateTimeOffset began = _time.GetUtcNow();
        DateTimeOffset? ended = null;
        for (int i = 0; ended is null && i < 3_600_000; i++)
        {
            _time.Advance(Millisecond);
            ended = request.Token.IsCancellationRequested ? _time.GetUtcNow() : null;
        }

        return ended is { } at ? at - began : Timeout.InfiniteTimeSpan;
    }
}
