using System.Security.Authentication;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>How exceptions of a handler are reported to the caller.</summary>
public sealed class NetworkFailureTests
{
    private static IEnumerable<TestCaseData> Failures()
    {
        yield return Case(
            new HttpRequestException("Connection reset by peer."),
            "there was no answer: Connection reset by peer.",
            isTransient: true);
        yield return Case(new IOException("The line is gone."), "there was no answer: The line is gone.", isTransient: true);
        yield return Case(
            new TaskCanceledException("Canceled.", new TimeoutException("It took 100 seconds.")),
            "the HttpClient timed out: It took 100 seconds.",
            isTransient: true);
        yield return Case(
            new HttpRequestException(
                HttpRequestError.SecureConnectionError, "No TLS.", new AuthenticationException("The certificate has expired.")),
            "there is no secure connection: The certificate has expired.", isTransient: false);
        yield return Case(
            new HttpRequestException("Refused.", new NotSupportedException("No such version.")),
            "the HttpClient refused the request: No such version.",
            isTransient: false);
        yield return Case(new ArithmeticException("One too many."), "the request could not be sent: One too many.", isTransient: false);

        static TestCaseData Case(Exception thrown, string detail, bool isTransient) =>
            new TestCaseData(thrown, detail, isTransient).SetArgDisplayNames(detail);
    }

    [TestCaseSource(nameof(Failures))]
    public async Task It_is_reported_with_the_packet_and_its_own_message(Exception thrown, string detail, bool isTransient)
    {
        using UploadRig rig = Rig(thrown);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Is.EqualTo($"Create-Session to http://bits.test/upload/file.bin: {detail}"));
        Assert.That((e.IsTransient, e.PacketType, e.InnerException), Is.EqualTo((isTransient, BitsPacketType.CreateSession, thrown)));
    }

    [Test]
    public async Task A_Create_Session_may_have_opened_a_session_only_if_it_had_a_connection(
        [Values(HttpRequestError.ConnectionError, HttpRequestError.ResponseEnded)] HttpRequestError error, [Values] bool wasWritten)
    {
        using UploadRig rig = Rig(new HttpRequestException(error, "It failed."), wasWritten);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>());
        Assert.That(
            await job.CancelAsync(), Is.EqualTo(wasWritten ? BitsCancelOutcome.Unconfirmed : BitsCancelOutcome.NotStarted));
    }

    private static UploadRig Rig(Exception thrown, bool wasWritten = false) => new(
        options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRetries = 0 } },
        handlers: new Interception(async request =>
        {
            if (wasWritten)
            {
                await request.Content!.CopyToAsync(Stream.Null);
            }

            throw thrown;
        }));
}
