using System.Net;

namespace BitsClient.Tests.Substitution;

/// <summary>Every public exception can be made by hand with everything that it says, so that fakes can throw it.</summary>
public sealed class ExceptionConstructionTests
{
    private static readonly Uri Url = new("http://bits.test/reports/a.zip");
    private static readonly Exception Inner = new IOException("The connection broke.");

    private static readonly BitsUploadCheckpoint Checkpoint = new()
    {
        Url = Url,
        SessionId = "session-1",
        BytesAcknowledged = 1,
        BytesTotal = 3,
    };

    /// <summary>One of each, with nothing left out.</summary>
    public static IReadOnlyList<Exception> Exceptions => All;

    private static readonly Exception[] All =
    [
        new BitsUploadException("Failed.", Inner)
        {
            Reason = BitsFailureReason.Network,
            Url = Url,
            PacketType = BitsPacketType.Fragment,
            SessionId = "session-1",
            IsTransient = true,
            Checkpoint = Checkpoint,
        },
        new BitsServerException("Failed.", HttpStatusCode.ServiceUnavailable)
        {
            ErrorCode = 0x80070005,
            ErrorContext = 0x5,
            RetryAfter = TimeSpan.FromSeconds(30),
            Url = Url,
            PacketType = BitsPacketType.Fragment,
            SessionId = "session-1",
            Checkpoint = Checkpoint,
        },
        new BitsProtocolException("Failed.", "BITS-Session-Id", "???")
        {
            Url = Url,
            PacketType = BitsPacketType.Fragment,
            SessionId = "session-1",
            IsTransient = true,
            Checkpoint = Checkpoint,
        },
        new BitsSourceChangedException("Failed.")
        {
            Url = Url,
            PacketType = BitsPacketType.Fragment,
            SessionId = "session-1",
            IsTransient = true,
            Checkpoint = Checkpoint,
        },
        new BitsUploadStalledException("Failed.", Inner)
        {
            Url = Url,
            PacketType = BitsPacketType.Fragment,
            SessionId = "session-1",
            Checkpoint = Checkpoint,
        },
        new BitsUploadCanceledException(BitsCancelOutcome.Unconfirmed, Checkpoint, Inner, new CancellationToken(canceled: true)),
        new BitsUploadLockedException(Checkpoint.Id, "process 4711 on build-7", Inner),
    ];

    [Test]
    public void Every_public_exception_type_is_among_them() => Assert.That(
        All.Select(exception => exception.GetType()),
        Is.EquivalentTo(typeof(BitsUploadException).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Exception)))));

    [TestCaseSource(nameof(All))]
    public void Every_failed_upload_says_where_it_failed_and_how_to_resume(Exception exception)
    {
        if (exception is not BitsUploadException failure)
        {
            Assert.That(exception, Is.TypeOf<BitsUploadCanceledException>().Or.TypeOf<BitsUploadLockedException>());
            return;
        }

        Assert.That(failure.Message, Is.EqualTo("Failed."));
        Assert.That(
            (failure.Url, failure.PacketType, failure.SessionId, failure.IsTransient),
            Is.EqualTo((Url, BitsPacketType.Fragment, "session-1", true)));
        Assert.That(failure.Checkpoint, Is.SameAs(Checkpoint));
        Assert.That(failure.InnerException, Is.SameAs(Inner).Or.Null);
    }

    [TestCase(typeof(BitsUploadException), BitsFailureReason.Network)]
    [TestCase(typeof(BitsServerException), BitsFailureReason.Server)]
    [TestCase(typeof(BitsProtocolException), BitsFailureReason.Protocol)]
    [TestCase(typeof(BitsSourceChangedException), BitsFailureReason.Source)]
    [TestCase(typeof(BitsUploadStalledException), BitsFailureReason.NoProgress)]
    public void A_derived_type_has_its_own_reason_and_the_base_type_the_given_one(Type type, BitsFailureReason reason) =>
        Assert.That(((BitsUploadException)One(type)).Reason, Is.EqualTo(reason));

    [Test]
    public void Without_facts_the_reason_is_Other_and_the_rest_is_empty()
    {
        BitsUploadException failure = new("Failed.");
        Assert.That((failure.Reason, failure.IsTransient), Is.EqualTo((BitsFailureReason.Other, false)));
        Assert.That(new object?[] { failure.Url, failure.PacketType, failure.SessionId, failure.Checkpoint }, Is.All.Null);
    }

    [Test]
    public void A_server_exception_has_the_status_the_code_and_its_name()
    {
        BitsServerException failure = One<BitsServerException>();
        Assert.That(
            (failure.StatusCode, failure.ErrorCode, failure.ErrorName, failure.ErrorContext, failure.RetryAfter),
            Is.EqualTo((HttpStatusCode.ServiceUnavailable, 0x80070005, "E_ACCESSDENIED", 0x5, TimeSpan.FromSeconds(30))));
        Assert.That(failure.HResult, Is.EqualTo(unchecked((int)0x80070005)));
        Assert.That(
            new BitsServerException("Failed.", HttpStatusCode.ServiceUnavailable).HResult,
            Is.EqualTo(unchecked((int)0x801901F7)),
            "without a code, the status");
    }

    [Test]
    public void Whether_a_server_exception_is_transient_follows_from_the_status_and_the_code() => Assert.That(
        new[]
        {
            new BitsServerException("Failed.", HttpStatusCode.ServiceUnavailable),
            new BitsServerException("Failed.", HttpStatusCode.ServiceUnavailable) { ErrorCode = 0x8020001F },
            new BitsServerException("Failed.", HttpStatusCode.Forbidden) { IsTransient = true },
        }.Select(failure => failure.IsTransient),
        Is.EqualTo(new[] { true, false, false }));

    [Test]
    public void A_protocol_exception_has_the_header_and_its_value()
    {
        BitsProtocolException failure = One<BitsProtocolException>();
        Assert.That((failure.Header, failure.Value), Is.EqualTo(("BITS-Session-Id", "???")));
    }

    [Test]
    public void A_canceled_exception_has_the_outcome_the_checkpoint_the_cause_and_the_token()
    {
        BitsUploadCanceledException canceled = One<BitsUploadCanceledException>();
        Assert.That(canceled.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(canceled.CancellationToken.IsCancellationRequested, Is.True);
        Assert.That((canceled.Checkpoint, canceled.InnerException), Is.EqualTo((Checkpoint, Inner)));
        Assert.That(canceled.Message, Does.Contain("the session may still be open"));
    }

    [Test]
    public void A_locked_exception_has_the_upload_and_its_owner()
    {
        BitsUploadLockedException locked = One<BitsUploadLockedException>();
        Assert.That((locked.Id, locked.Owner, locked.InnerException), Is.EqualTo((Checkpoint.Id, "process 4711 on build-7", Inner)));
        Assert.That(locked.Message, Does.Contain("process 4711 on build-7"));
    }

    private static Exception One(Type type) => All.Single(exception => exception.GetType() == type);

    private static T One<T>()
        where T : Exception => (T)One(typeof(T));
}
