using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>R21: limits on the way that no answer names. Fragments begin with 1000 bytes and become as large as allowed.</summary>
public sealed class TooLargeTests
{
    [Test]
    public async Task R21_A_proxy_that_answers_502_above_a_limit_gets_smaller_fragments([Values(500, 502)] int status)
    {
        using UploadRig rig = new(options: Options(), handlers: Limit(3000, (HttpStatusCode)status));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(result.Retries, Is.InRange(2, 4), "a second answer is enough for each size, and the second size is near the limit");
    }

    [Test]
    public async Task R21_So_does_one_that_refuses_the_first_fragment()
    {
        BitsUploadOptions options = Options();
        options.InitialFragmentSize = 8000;
        using UploadRig rig = new(options: options, handlers: Limit(3000, HttpStatusCode.BadGateway));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task R21_A_404_to_the_first_fragment_means_its_size_because_Create_Session_was_acknowledged()
    {
        using UploadRig rig = new(options: Options(), handlers: Limit(600, HttpStatusCode.NotFound));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task R21_Where_fragments_cannot_get_smaller_the_error_says_what_it_means()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000 };
        using UploadRig rig = new(options: options, handlers: Limit(600, HttpStatusCode.NotFound));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Contains("may be too large"));
    }

    [Test]
    public async Task R21_Where_they_got_smaller_until_the_minimum_the_error_names_what_was_tried()
    {
        using UploadRig rig = new(options: Options(), handlers: Limit(50, HttpStatusCode.RequestEntityTooLarge));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(
            () => job.RunAsync(),
            Throws.TypeOf<BitsServerException>().With.Message.EndsWith(
                "send smaller ones. It has 100 bytes, and MinFragmentSize allows no smaller one. Fragments of 1000 bytes and less were "
                + "refused before."));
    }

    [TestCase(404)]
    [TestCase(500)]
    public async Task A_file_that_is_shorter_than_any_fragment_is_not_said_to_be_too_large(int status)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 20_000, Retry = { MaxRetries = 0 } };
        using UploadRig rig = new(options: options);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false }, () => true);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.InstanceOf<BitsUploadException>().With.Message.Not.Contain("allows no smaller"));
    }

    [TestCase(404)]
    [TestCase(413)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(null, Description = "the connection is reset before the answer can be read")]
    public async Task R21_Where_the_size_is_fixed_the_error_says_so(int? status)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { MaxRetries = 1 } };
        Interception limit = status is { } answer
            ? Limit(600, (HttpStatusCode)answer)
            : Limit(600, () => throw new HttpRequestException(HttpRequestError.ResponseEnded, "Connection reset by peer."));
        using UploadRig rig = new(options: options, handlers: limit);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(
            () => job.RunAsync(),
            Throws.InstanceOf<BitsUploadException>().With.Message.Matches(
                "(may be|is) too large .* It has 1000 bytes, and FixedFragmentSize allows no smaller one\\.$"));
    }

    [Test]
    public async Task An_error_after_fragments_of_that_size_were_accepted_does_not_blame_the_size()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRetries = 0 } });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(502) { Ack = false }, occurrence: 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Not.Contains("FixedFragmentSize"));
    }

    [Test]
    public async Task R21_A_small_fragment_in_between_does_not_renew_the_retries()
    {
        BitsUploadOptions options = Options();
        options.ResendPolicy = BitsResendPolicy.Resynchronize;
        options.InitialFragmentSize = 8000;
        using UploadRig rig = new(options: options, handlers: Limit(1000, HttpStatusCode.ServiceUnavailable));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
    }

    private static BitsUploadOptions Options() => new() { MinFragmentSize = 100, InitialFragmentSize = 1000, MaxFragmentSize = 8000 };

    // The whole fragment is sent before it is refused.
    private static Interception Limit(long most, HttpStatusCode status) => Limit(most, () => new HttpResponseMessage(status));

    private static Interception Limit(long most, Func<HttpResponseMessage> answer) => new(async request =>
    {
        if (!(request.Content?.Headers.ContentLength > most))
        {
            return null;
        }

        await request.Content.CopyToAsync(Stream.Null);
        return answer();
    });
}
