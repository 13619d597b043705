using System.Net;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Before the body of a large fragment is sent, the server is asked whether it accepts it (Expect: 100-continue).</summary>
public sealed class AskFirstTests
{
    private const int Length = 12 * 1024 * 1024;
    private const int Limit = 2_000_000;

    private readonly byte[] _file = UploadRig.Bytes(Length);
    private int _refused;

    [TestCase(413)]
    [TestCase(404)]
    [TestCase(500)]
    [TestCase(502)]
    public async Task A_body_that_is_refused_is_not_sent(int status)
    {
        using UploadRig rig = Rig(request => request.Content!.Headers.ContentLength > Limit
            ? Refused(request, (HttpStatusCode)status)
            : null);
        BitsUploadProgress last = default;
        BitsUploadResult result = await UploadAsync(rig, new ProgressHandler(report => last = report));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_file));
        Assert.That(_refused, Is.EqualTo(2), "a jump, and one step above the limit");
        Assert.That((last.BytesSent, result.BytesResent), Is.EqualTo(((long)Length, 0L)));
    }

    [Test]
    public async Task A_server_that_does_not_know_the_question_is_not_asked_again()
    {
        using UploadRig rig = Rig(request =>
            request.Headers.ExpectContinue is true ? Refused(request, HttpStatusCode.ExpectationFailed) : null);
        await UploadAsync(rig);
        await UploadAsync(rig);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_file));
        Assert.That(_refused, Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_host_accepted_once_it_is_not_asked_again()
    {
        using UploadRig rig = Rig(_ => null);
        await UploadAsync(rig);
        int asked = Asked(rig);
        await UploadAsync(rig);
        Assert.That((asked, Asked(rig)), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task An_upload_that_is_resumed_in_another_process_knows_the_limit()
    {
        int fragments = 0;
        using UploadRig rig = Rig(request =>
            request.Content!.Headers.ContentLength > Limit ? Refused(request, HttpStatusCode.RequestEntityTooLarge)
            : ++fragments == 5 ? new HttpResponseMessage(HttpStatusCode.Forbidden)
            : null);
        BitsServerException failed = Assert.ThrowsAsync<BitsServerException>(() => UploadAsync(rig))!;
        BitsUploadCheckpoint checkpoint = BitsUploadCheckpoint.FromJson(failed.Checkpoint!.ToJson());
        Assert.That(
            (checkpoint.LargestFragmentAccepted, checkpoint.FragmentSizeLimit, checkpoint.IsAskingUseless),
            Is.EqualTo(((long?)1024 * 1024, (int?)1024 * 1024, false)));

        (int refused, int asked) = (_refused, Asked(rig));
        using HttpClient http = new(rig.Server.CreateHandler());
        BitsUploadClient another = new(http, new BitsUploadOptions { InitialFragmentSize = 4 * 1024 * 1024 }, timeProvider: rig.Time);
        await using IBitsUploadJob job = another.ResumeJob(checkpoint, BitsUploadSource.FromMemory(_file, "file.bin"));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_file));
        Assert.That((_refused, Asked(rig)), Is.EqualTo((refused, asked)), "nothing is tried again");
        Assert.That(rig.Server.Dialogue.Max(exchange => exchange.BodyBytes), Is.EqualTo(1024 * 1024));
    }

    [Test]
    public async Task An_upload_that_is_resumed_in_another_process_does_not_ask_for_what_was_accepted()
    {
        int fragments = 0;
        using UploadRig rig = Rig(_ => ++fragments == 3 ? new HttpResponseMessage(HttpStatusCode.Forbidden) : null, 3 * 1024 * 1024);
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => UploadAsync(rig))!.Checkpoint!;
        Assert.That(
            (checkpoint.LargestFragmentAccepted, checkpoint.FragmentSizeLimit), Is.EqualTo(((long?)3 * 1024 * 1024, (int?)null)));

        int asked = Asked(rig);
        using HttpClient http = new(rig.Server.CreateHandler());
        BitsUploadClient another = new(http, new BitsUploadOptions { MaxFragmentSize = 3 * 1024 * 1024 }, timeProvider: rig.Time);
        await using IBitsUploadJob job = another.ResumeJob(checkpoint, BitsUploadSource.FromMemory(_file, "file.bin"));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_file));
        Assert.That((asked, Asked(rig)), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_resumed_upload_does_not_ask_where_that_was_of_no_use()
    {
        int fragments = 0;
        using UploadRig rig = Rig(request => request.Headers.ExpectContinue is true
            ? Refused(request, HttpStatusCode.ExpectationFailed)
            : ++fragments == 2 ? new HttpResponseMessage(HttpStatusCode.Forbidden) : null);
        BitsServerException failed = Assert.ThrowsAsync<BitsServerException>(() => UploadAsync(rig))!;
        Assert.That(failed.Checkpoint!.IsAskingUseless);
    }

    [Test]
    public async Task After_an_error_that_refuses_a_size_the_next_smaller_one_follows_at_once()
    {
        using UploadRig rig = RigThatRefusesOnce(502);
        rig.Time.PassesAtOnce = TimeSpan.Zero;
        BitsUploadResult result = await UploadAsync(rig);
        Assert.That((result.Retries, result.Elapsed), Is.EqualTo((1, TimeSpan.Zero)));
    }

    [TestCase(401)]
    [TestCase(407)]
    [TestCase(408)]
    [TestCase(429)]
    public async Task Other_refusals_say_nothing_about_the_size(int status)
    {
        using UploadRig rig = RigThatRefusesOnce(status);
        if (status is 401 or 407)
        {
            Assert.That(() => UploadAsync(rig), Throws.TypeOf<BitsServerException>());
            return;
        }

        await UploadAsync(rig);
        Assert.That(Asked(rig), Is.EqualTo(1), "the same fragment again");
    }

    [Test]
    public async Task A_server_that_asks_to_wait_is_busy()
    {
        using UploadRig rig = RigThatRefusesOnce(502, busy => busy.Headers.Add("Retry-After", "7"));
        await UploadAsync(rig);
        Assert.That(Asked(rig), Is.EqualTo(1), "the same fragment again");
    }

    [Test]
    public async Task Once_every_fragment_is_refused_the_upload_ends_with_the_error_of_the_server([Values(413, 404)] int status)
    {
        int requests = 0;
        using UploadRig rig = Rig(_ => ++requests > 1 ? new HttpResponseMessage((HttpStatusCode)status) : null);
        Assert.That(
            () => UploadAsync(rig), Throws.TypeOf<BitsServerException>().With.Property("StatusCode").EqualTo((HttpStatusCode)status));
        Assert.That(requests, Is.LessThan(25), "each refusal halves the size");
    }

    [TestCase(503)]
    [TestCase(504)]
    public async Task A_server_that_is_away_has_not_refused_a_size(int status)
    {
        using UploadRig rig = RigThatRefusesOnce(status);
        await UploadAsync(rig);
        Assert.That(Asked(rig), Is.EqualTo(1), "the same fragment again");
    }

    [Test]
    public async Task A_server_that_breaks_the_connection_when_it_is_asked_is_asked_twice_at_most()
    {
        using UploadRig rig = Rig(request => request.Headers.ExpectContinue is true
            ? throw new HttpRequestException(HttpRequestError.ResponseEnded, $"The server closed the connection ({++_refused}).")
            : null);
        BitsUploadResult result = await UploadAsync(rig);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_file));
        Assert.That((_refused, result.BytesResent), Is.EqualTo((2, 0L)));
    }

    private Task<BitsUploadResult> UploadAsync(UploadRig rig, IProgress<BitsUploadProgress>? progress = null) =>
        rig.Client.UploadAsync(BitsUploadSource.FromMemory(_file, "file.bin"), UploadRig.Url, progress);

    private static int Asked(UploadRig rig) => rig.Server.Dialogue.Count(exchange => exchange.RequestHeader("Expect") is not null);

    private static UploadRig Rig(Func<HttpRequestMessage, HttpResponseMessage?> refuse, int maxFragmentSize = 1024 * 1024 * 1024)
    {
        Interception refusals = new(request => Task.FromResult(request.Content?.Headers.ContentLength > 0 ? refuse(request) : null));
        UploadRig rig = new(options: new BitsUploadOptions { MaxFragmentSize = maxFragmentSize }, handlers: refusals);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        return rig;
    }

    // The first question is answered so, and all others with yes.
    private UploadRig RigThatRefusesOnce(int status, Action<HttpResponseMessage>? adorn = null) => Rig(request =>
    {
        if (request.Headers.ExpectContinue is not true || _refused > 0)
        {
            return null;
        }

        HttpResponseMessage refusal = Refused(request, (HttpStatusCode)status);
        adorn?.Invoke(refusal);
        return refusal;
    });

    private HttpResponseMessage Refused(HttpRequestMessage request, HttpStatusCode status)
    {
        Assert.That(request.Headers.ExpectContinue, Is.True, "it was asked first");
        _refused++;
        return new HttpResponseMessage(status);
    }
}
