using System.Net;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>R21: limits on the way that no answer names. Fragments begin with 1000 bytes and double.</summary>
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
        Assert.That(result.Retries, Is.InRange(2, 3), "a second answer is enough");
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
    private static Interception Limit(long most, HttpStatusCode status) => new(async request =>
    {
        if (!(request.Content?.Headers.ContentLength > most))
        {
            return null;
        }

        await request.Content.CopyToAsync(Stream.Null);
        return new HttpResponseMessage(status) { RequestMessage = request };
    });
}
