using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>A server that is unreachable or silent for a long time, on a clock that takes no time.</summary>
public sealed class OutageTests
{
    private static readonly Exception NoRoute = new HttpRequestException("No route to host.");

    [Test]
    [Platform(Exclude = "Mono", Reason = "Thousands of tries take half a minute there.")]
    public async Task An_upload_recovers_from_an_outage_of_14_days()
    {
        ManualTimeProvider? time = null;
        DateTimeOffset end = DateTimeOffset.MaxValue;
        int packets = 0;
        Interception outage = new(_ =>
        {
            if (++packets == 4)
            {
                end = time!.GetUtcNow() + TimeSpan.FromDays(14);
            }

            return packets >= 4 && time!.GetUtcNow() < end ? throw NoRoute : Nothing;
        });
        using UploadRig rig = new(options: Enduring(TimeSpan.FromDays(24)), handlers: outage);
        time = rig.Time;
        time.PassesAtOnce = TimeSpan.FromMinutes(10);

        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Elapsed, Is.InRange(TimeSpan.FromDays(14), TimeSpan.FromDays(14) + TimeSpan.FromHours(1)));
        Assert.That(result.Retries, Is.GreaterThan(14 * 24 * 6), "at least one attempt every ten minutes");
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1), "the session is the same throughout");
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task An_ack_without_progress_does_not_reset_NoProgressTimeout()
    {
        using UploadRig rig = new(
            BitsServerDialect.Win32, new BitsUploadOptions { FixedFragmentSize = 1000, NoProgressTimeout = TimeSpan.FromMinutes(10) });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(5);
        for (int i = 1; i <= 8; i += 2)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new BitsHeader("Retry-After", "240")] }, i);
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("0"), i + 1);
        }

        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadStalledException>());
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "Thousands of tries take half a minute there.")]
    public async Task When_NoProgressTimeout_elapses_the_last_failure_is_reported_and_the_session_is_kept()
    {
        int packets = 0;
        using UploadRig rig = new(
            options: Enduring(TimeSpan.FromDays(14)), handlers: new Interception(_ => ++packets >= 4 ? throw NoRoute : Nothing));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(10);
        DateTimeOffset began = rig.Time.GetUtcNow();

        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadStalledException stalled = Assert.ThrowsAsync<BitsUploadStalledException>(() => job.RunAsync())!;
        Assert.That(rig.Time.GetUtcNow() - began, Is.InRange(TimeSpan.FromDays(14), TimeSpan.FromDays(14) + TimeSpan.FromMinutes(11)));
        Assert.That(stalled.InnerException, Is.TypeOf<BitsUploadException>().With.InnerException.SameAs(NoRoute));
        Assert.That(stalled.Message, Does.Contain("byte 2000 of 10000").And.Contain("No route to host."));
        Assert.That(stalled.Checkpoint, Is.EqualTo(job.Checkpoint).And.Not.Null);
        Assert.That(rig.Server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Open));
    }

    [Test]
    public async Task Progress_resets_NoProgressTimeout()
    {
        // Each fragment fails for six minutes: in total, more than NoProgressTimeout.
        ManualTimeProvider? time = null;
        DateTimeOffset end = DateTimeOffset.MinValue;
        Interception outages = new(_ =>
        {
            DateTimeOffset now = time!.GetUtcNow();
            if (end == DateTimeOffset.MinValue)
            {
                end = now + TimeSpan.FromMinutes(6);
            }
            else if (now >= end)
            {
                end = DateTimeOffset.MinValue;
                return Nothing;
            }

            throw NoRoute;
        });
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { MaxRetries = int.MaxValue } };
        using UploadRig rig = new(options: options, handlers: outages);
        time = rig.Time;
        time.PassesAtOnce = TimeSpan.FromSeconds(30);

        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Elapsed, Is.GreaterThan(TimeSpan.FromMinutes(12 * 6)).And.GreaterThan(options.NoProgressTimeout));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [TestCase(BitsPacketNames.CreateSession)]
    [TestCase(BitsPacketNames.Fragment)]
    [TestCase(BitsPacketNames.CloseSession)]
    public async Task An_upload_to_a_server_that_never_answers_fails_after_ResponseTimeout_and_NoProgressTimeout(string packetType)
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(30);
        TimeSpan never = TimeSpan.FromDays(1);
        rig.Server.InjectEvery(packetType, new BitsFault.DelayAnswer(never, rig.Time));
        DateTimeOffset began = rig.Time.GetUtcNow();

        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, rig.Time.WhenArmed(never));
            rig.Time.Advance(TimeSpan.FromMinutes(5));
        }

        BitsUploadStalledException stalled = Assert.ThrowsAsync<BitsUploadStalledException>(() => running)!;
        Assert.That(stalled.InnerException!.Message, Does.Contain("there was no response from the server for 5 minutes."));

        // The loop above may advance the clock by some more steps before the run has ended.
        Assert.That(rig.Time.GetUtcNow() - began, Is.InRange(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(60)));
        Assert.That(rig.Server.Dialogue.Count(exchange => exchange.PacketType == packetType), Is.LessThanOrEqualTo(5));
    }

    [Test]
    public async Task A_ping_to_a_silent_server_fails_after_ResponseTimeout()
    {
        using UploadRig rig = new();
        BitsGate unanswered = rig.Server.HoldRequest(BitsPacketNames.Ping);
        Task pinging = rig.Client.PingAsync(UploadRig.Url);
        await unanswered.ReachedByAsync(pinging);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        BitsUploadException silent = Assert.ThrowsAsync<BitsUploadException>(() => pinging)!;
        Assert.That(silent.IsTransient, Is.True);
    }

    [Test]
    public async Task A_cancel_during_the_delay_before_a_retry_is_immediate()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new("Retry-After", "77")] }, occurrence: 3);
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(77));
        await cancel.CancelAsync();

        BitsUploadCanceledException canceled = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(canceled.Outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment, Cancel-Session"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    private static Task<HttpResponseMessage?> Nothing => Task.FromResult<HttpResponseMessage?>(null);

    // As persistent as the Windows service. The timeouts of a request are too long to elapse while the clock moves by itself.
    private static BitsUploadOptions Enduring(TimeSpan noProgress) => new()
    {
        FixedFragmentSize = 1000,
        StallTimeout = TimeSpan.FromHours(1),
        ResponseTimeout = TimeSpan.FromHours(1),
        NoProgressTimeout = noProgress,
        Retry = { MaxRetries = int.MaxValue, MaxDelay = TimeSpan.FromMinutes(10) },
    };
}
