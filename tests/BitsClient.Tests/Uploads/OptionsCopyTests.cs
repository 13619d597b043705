using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A client uses the options as they were when it was created.</summary>
public sealed class OptionsCopyTests
{
    [Test]
    public async Task Later_changes_of_retry_options_have_no_effect()
    {
        TimeSpan day = TimeSpan.FromDays(1);
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            StallTimeout = day,
            ResponseTimeout = day,
            NoProgressTimeout = day,
            Retry = { MaxRetries = 1, MaxRestarts = 1, BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
        };
        using UploadRig rig = new(options: options);
        rig.Time.PassesAtOnce = day / 2;
        DateTimeOffset start = rig.Time.GetUtcNow();
        (options.Retry.MaxRetries, options.Retry.MaxRestarts) = (0, 0);
        (options.Retry.BaseDelay, options.Retry.MaxDelay) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        options.Retry.ConfigurePipeline = _ => Assert.Fail("It is called once, when the client is created.");
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 5);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Time.GetUtcNow(), Is.EqualTo(start), "there was no delay");
    }

    [Test]
    public async Task Later_changes_of_other_options_have_no_effect()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000 };
        using UploadRig rig = new(options: options);
        (options.FixedFragmentSize, options.ComputeSha256, options.OverrideVerb) = (10, true, true);
        options.Retry = new BitsRetryOptions { MaxRetries = 0 };
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That((result.Fragments, result.Sha256), Is.EqualTo((10, (string?)null)));
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.Method), Is.All.EqualTo("BITS_POST"));
    }
}
