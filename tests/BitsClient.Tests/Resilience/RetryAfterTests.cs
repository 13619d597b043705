using System.Globalization;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Retry-After is obeyed, up to NoProgressTimeout.</summary>
public sealed class RetryAfterTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(77);

    // Where a longer one is cut.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(30);

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
    [TestCase("soon")]
    public async Task No_delay_at_all_leaves_the_usual_one(string value)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { BaseDelay = TimeSpan.FromSeconds(8) } };
        using UploadRig rig = new(options: options);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        Refuse(rig, 503, value);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That((await job.RunAsync()).Elapsed, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public async Task A_date_counts_from_the_servers_own()
    {
        using UploadRig rig = new();
        DateTimeOffset server = rig.Time.GetUtcNow().AddHours(-5);
        BitsFault.Answer busy = new(503)
        {
            Ack = false,
            Headers = [new("Date", $"{server:R}"), new("Retry-After", $"{server + Delay:R}")],
        };
        rig.Server.Inject(BitsPacketNames.Fragment, busy, occurrence: 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await rig.Time.WhenArmed(Delay);
        rig.Time.Advance(Delay);
        Assert.That((await running).Elapsed, Is.EqualTo(Delay));
    }

    [TestCase("31536000")]
    [TestCase("2147483647")]
    [TestCase("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task A_delay_longer_than_NoProgressTimeout_leaves_one_more_attempt(string value)
    {
        using UploadRig rig = new();
        Refuse(rig, 503, value);
        Assert.That((await AfterTimeoutAsync(rig, rig.CreateJob())).Retries, Is.EqualTo(1));
    }

    [Test]
    public void If_that_attempt_fails_too_the_upload_ends_with_NoProgressTimeout()
    {
        using UploadRig rig = new();
        int passed = 1;
        BitsFault.Answer busy = new(503) { Ack = false, Headers = [new("Retry-After", "31536000")] };
        rig.Server.InjectEvery(BitsPacketNames.Fragment, busy, () => passed-- <= 0);
        BitsUploadStalledException stalled =
            Assert.ThrowsAsync<BitsUploadStalledException>(() => AfterTimeoutAsync(rig, rig.CreateJob()))!;
        Assert.That(
            stalled.InnerException,
            Is.TypeOf<BitsServerException>().With.Property("RetryAfter").GreaterThan(TimeSpan.FromDays(300)));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment"));
    }

    // The clock jumps over the whole delay and the timeout at once, as it does for a machine that was asleep.
    private static async Task<BitsUploadResult> AfterTimeoutAsync(UploadRig rig, IBitsUploadJob job)
    {
        await using (job)
        {
            TimeSpan timeout = new BitsUploadOptions().NoProgressTimeout;
            Task<BitsUploadResult> running = job.RunAsync();
            await Task.WhenAny(running, rig.Time.WhenArmed(LongestDelay));
            rig.Time.Advance(timeout);
            return await running;
        }
    }

    private static void Refuse(UploadRig rig, int status, string retryAfter) => rig.Server.Inject(
        BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false, Headers = [new("Retry-After", retryAfter)] }, occurrence: 2);
}
