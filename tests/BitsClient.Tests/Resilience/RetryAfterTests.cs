using System.Globalization;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Retry-After is obeyed, up to NoProgressTimeout.</summary>
public sealed class RetryAfterTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(77);

    [TestCase(429, false)]
    [TestCase(503, false)]
    [TestCase(503, true)]
    public async Task The_retry_happens_when_the_server_asked_for_it_and_not_earlier(int status, bool asDate)
    {
        using UploadRig rig = new();
        string value = asDate ? (rig.Time.GetUtcNow() + Delay).ToString("R", CultureInfo.InvariantCulture) : "77";
        Refuse(rig, status, value);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await rig.Time.WhenArmed(Delay);
        rig.Time.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment"));
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        BitsUploadResult result = await running;
        Assert.That((result.Retries, result.Elapsed), Is.EqualTo((1, Delay)));
    }

    [TestCase("0")]
    [TestCase("Thu, 01 Jan 1970 00:00:00 GMT")]
    public async Task A_time_in_the_past_causes_no_delay(string value)
    {
        using UploadRig rig = new();
        Refuse(rig, 503, value);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That((await job.RunAsync()).Elapsed, Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase("31536000")]
    [TestCase("2147483647")]
    [TestCase("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task A_delay_longer_than_NoProgressTimeout_ends_with_NoProgressTimeout(string value)
    {
        using UploadRig rig = new();
        Refuse(rig, 503, value);
        TimeSpan timeout = new BitsUploadOptions().NoProgressTimeout;
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(running, rig.Time.WhenArmed(timeout));
        rig.Time.Advance(timeout);

        BitsUploadStalledException stalled = Assert.ThrowsAsync<BitsUploadStalledException>(() => running)!;
        Assert.That(
            stalled.InnerException,
            Is.TypeOf<BitsServerException>().With.Property("RetryAfter").GreaterThan(TimeSpan.FromDays(300)));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment"));
    }

    private static void Refuse(UploadRig rig, int status, string retryAfter) => rig.Server.Inject(
        BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false, Headers = [new("Retry-After", retryAfter)] }, occurrence: 2);
}
