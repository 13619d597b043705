using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using BitsClient.Tests.Support;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace BitsClient.Tests.Transport;

/// <summary>How exceptions of a handler are reported to the caller.</summary>
public sealed class NetworkFailureTests
{
    private static string Reset => new SocketException((int)SocketError.ConnectionReset).Message;

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
        yield return Case(new SocketException((int)SocketError.ConnectionReset), $"there was no answer: {Reset}", isTransient: true);
        yield return Case(
            new TaskCanceledException("Pending requests were canceled."),
            "the HttpClient or one of its handlers canceled the request.",
            isTransient: true);
        yield return Case(
            new TimeoutException("It took too long."), "a handler of the HttpClient timed out: It took too long.", isTransient: true);
        yield return Case(
            new TimeoutRejectedException("More than 10 seconds."),
            "a resilience handler of the HttpClient rejected the request: More than 10 seconds.",
            isTransient: true);
        yield return Case(
            new BrokenCircuitException("The circuit is open."),
            "a resilience handler of the HttpClient rejected the request: The circuit is open.",
            isTransient: true);
        yield return Case(
            new LimiterRejection("Too many requests."),
            "a resilience handler of the HttpClient rejected the request: Too many requests.",
            isTransient: true);
        yield return Case(
            new ObjectDisposedException("System.Net.Http.HttpClient"),
            "the HttpClient or one of its handlers was disposed (System.Net.Http.HttpClient); dispose it after its uploads have ended.",
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

    [TestCase(403, true, BitsCancelOutcome.NotStarted)]
    [TestCase(503, true, BitsCancelOutcome.Unconfirmed)]
    public async Task H3_A_status_that_a_handler_throws_counts_as_the_answer(int status, bool wasWritten, BitsCancelOutcome outcome)
    {
        using UploadRig rig = Rig(new HttpRequestException("No.", inner: null, (HttpStatusCode)status), wasWritten);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(((int)e.StatusCode, e.IsTransient), Is.EqualTo((status, status == 503)));
        Assert.That(await job.CancelAsync(), Is.EqualTo(outcome));
    }

    [Test]
    public async Task H3_What_a_handler_rejected_may_have_arrived_and_is_retried()
    {
        int times = 1;
        using UploadRig rig = new(handlers: new Interception(async request =>
        {
            if (request.Content?.Headers.ContentLength is not 1000 || times-- <= 0)
            {
                return null;
            }

            await request.Content.CopyToAsync(Stream.Null);
            throw new TimeoutRejectedException();
        }));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That((result.Retries, result.BytesResent), Is.EqualTo((1, 1000)));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2), "nothing was acknowledged, so the bytes are not sent again");
    }

    [Test]
    public void A_disposed_HttpClient_is_named()
    {
        HttpClient http = new();
        http.Dispose();
        BitsUploadClient client = new(http);
        Assert.That(
            () => client.PingAsync(UploadRig.Url),
            Throws.TypeOf<BitsUploadException>().With.Message.Contains("was disposed (System.Net.Http.HttpClient)")
                .And.Property("IsTransient").False);
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

    // As that of Polly.RateLimiting.
    private sealed class LimiterRejection(string message) : ExecutionRejectedException(message);
}
