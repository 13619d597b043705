using System.Threading.RateLimiting;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A rate limiter limits what uploads send, alone and together, and its wait is neither silence nor a failure.</summary>
public sealed class RateLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public async Task An_upload_takes_as_long_as_the_limit_says_and_the_wait_is_no_silence()
    {
        ManualTimeProvider time = new() { PassesAtOnce = Second };
        using BitsRateLimiter limiter = new(1000, time);
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        BitsUploadOptions options = new()
        {
            RateLimiter = limiter,
            FixedFragmentSize = 5000,
            StallTimeout = TimeSpan.FromMilliseconds(50),
            ResponseTimeout = TimeSpan.FromMilliseconds(50),
        };
        DateTimeOffset begin = time.GetUtcNow();

        BitsUploadResult result = await new BitsUploadClient(http, options, timeProvider: time).UploadAsync(
            BitsUploadSource.FromMemory(UploadRig.Bytes(10_000)), UploadRig.Url);

        Assert.That(result.Retries, Is.Zero);
        Assert.That(time.GetUtcNow() - begin, Is.EqualTo(TimeSpan.FromSeconds(10)).Within(TimeSpan.FromSeconds(0.5)));
        Assert.That(server.GetFile("/upload/file.bin"), Is.EqualTo(UploadRig.Bytes(10_000)));
    }

    [Test]
    public async Task A_limiter_that_never_lets_anything_through_ends_the_upload_after_NoProgressTimeout()
    {
        using NeverLimiter limiter = new();
        using UploadRig rig = new(options: new BitsUploadOptions { RateLimiter = limiter });
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await limiter.Asked.Task;
        await rig.Time.WhenArmed(new BitsUploadOptions().NoProgressTimeout);
        rig.Time.Advance(new BitsUploadOptions().NoProgressTimeout);
        Assert.That(
            () => running, Throws.TypeOf<BitsUploadStalledException>().With.Message.EndsWith("It was waiting for the rate limiter."));
    }

    [Test]
    public void Four_uploads_keep_the_limit_together_and_get_equal_shares()
    {
        const int Rate = 2_000_000;
        ManualTimeProvider time = new();
        using BitsRateLimiter limiter = new(Rate, time);
        int piece = limiter.PieceSize;
        long[] sent = new long[4];
        Task<RateLimitLease>[] waiting = [.. sent.Select(_ => limiter.AcquireAsync(piece).AsTask())];
        for (int step = 0; step < 10_000; step++)
        {
            for (int i = 0; i < waiting.Length; i++)
            {
                while (waiting[i].IsCompleted)
                {
                    sent[i] += piece;
                    waiting[i] = limiter.AcquireAsync(piece).AsTask();
                }
            }

            Assert.That(sent.Sum(), Is.LessThanOrEqualTo(((long)Rate * step / 1000) + (Rate / 4)), "no more than 250 ms at once");
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(sent.Sum(), Is.EqualTo(10L * Rate).Within(5).Percent);
        Assert.That(sent.Max(), Is.EqualTo(sent.Min()).Within(15).Percent);
    }

    [Test]
    public async Task A_change_applies_from_the_next_piece_on()
    {
        ManualTimeProvider time = new() { PassesAtOnce = Second * 100 };
        using BitsRateLimiter limiter = new(1000, time);
        await limiter.AcquireAsync(10_000);
        limiter.BytesPerSecond = 100_000;
        DateTimeOffset begin = time.GetUtcNow();
        for (int i = 0; i < 10; i++)
        {
            await limiter.AcquireAsync(10_000);
        }

        Assert.That(limiter.BytesPerSecond, Is.EqualTo(100_000));
        Assert.That((time.GetUtcNow() - begin).TotalSeconds, Is.EqualTo(10 + 0.9).Within(0.2), "10 s of before, then 0.1 s each");
    }

    [Test]
    public async Task A_cancel_does_not_wait_for_the_limiter()
    {
        using NeverLimiter limiter = new();
        using UploadRig rig = new(options: new BitsUploadOptions { RateLimiter = limiter });
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(limiter.Asked.Task, running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.Sessions.Single().Received, Is.Zero);
    }

    [Test]
    public async Task A_limiter_that_refuses_is_asked_again()
    {
        using RefusingLimiter limiter = new(refusals: 3);
        using UploadRig rig = new(options: new BitsUploadOptions { RateLimiter = limiter });
        rig.Time.PassesAtOnce = Second;
        DateTimeOffset begin = rig.Time.GetUtcNow();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Retries, Is.Zero);
        Assert.That(rig.Time.GetUtcNow() - begin, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(300)));
    }

    [Test]
    public async Task A_limiter_of_dotnet_can_be_used()
    {
        using TokenBucketRateLimiter limiter = new(new TokenBucketRateLimiterOptions
        {
            TokenLimit = 8192,
            TokensPerPeriod = 8192,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(1),
            QueueLimit = int.MaxValue,
        });
        using UploadRig rig = new(options: new BitsUploadOptions { RateLimiter = limiter });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_limiter_that_fails_is_named_and_not_the_network()
    {
        using BitsRateLimiter limiter = new(1000);
        using UploadRig rig = new(options: new BitsUploadOptions { RateLimiter = limiter });
        await using IBitsUploadJob job = rig.CreateJob();
        await limiter.DisposeAsync();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("the RateLimiter failed: "));
        Assert.That((e.Reason, e.IsTransient), Is.EqualTo((BitsFailureReason.Hook, false)));
    }

    [Test]
    public async Task A_disposed_limiter_is_refused_when_the_client_is_created()
    {
        BitsRateLimiter limiter = new(1000);
        await limiter.DisposeAsync();
        using HttpClient http = new();
        Assert.That(
            () => new BitsUploadClient(http, new BitsUploadOptions { RateLimiter = limiter }),
            Throws.ArgumentException.With.Message.Contains("RateLimiter is disposed; it must be one that is in use."));
    }

    [Test]
    public void What_it_grants_at_once_counts_and_what_it_refuses_does_not()
    {
        ManualTimeProvider time = new();
        using BitsRateLimiter limiter = new(1000, time);
        Assert.That(Grants(limiter, 125), Is.True, "as much as is asked for when nothing is owed");
        time.Advance(TimeSpan.FromMilliseconds(125));
        Assert.That(Grants(limiter, 500), Is.True);
        Assert.That((Grants(limiter, 1), Grants(limiter, 1000)), Is.EqualTo((false, false)));
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.That(Grants(limiter, 1), Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(Grants(limiter, 1), Is.True);
    }

    [Test]
    public void An_idle_hour_is_not_credited()
    {
        ManualTimeProvider time = new();
        using BitsRateLimiter limiter = new(1000, time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.That((Grants(limiter, 625), Grants(limiter, 1)), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_refusal_says_when_to_ask_again()
    {
        using BitsRateLimiter limiter = new(1000, new ManualTimeProvider());
        using RateLimitLease granted = limiter.AttemptAcquire(1000);
        using RateLimitLease refused = limiter.AttemptAcquire();
        Assert.That(refused.MetadataNames, Is.EqualTo(new[] { MetadataName.RetryAfter.Name }));
        Assert.That(refused.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait), Is.True);
        Assert.That(wait, Is.EqualTo(Second));
        Assert.That(refused.TryGetMetadata("another", out _), Is.False);
        Assert.That(granted.MetadataNames, Is.Empty);
        Assert.That(granted.TryGetMetadata(MetadataName.RetryAfter, out _), Is.False);
    }

    [Test]
    public void A_rate_below_one_is_refused()
    {
        Assert.That(() => new BitsRateLimiter(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        using BitsRateLimiter limiter = new(1);
        Assert.That(() => limiter.BytesPerSecond = 0, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(limiter.AttemptAcquire(1).IsAcquired, Is.True);
        RateLimitLease refused = limiter.AttemptAcquire(1);
        Assert.That(refused.IsAcquired, Is.False);
        Assert.That(refused.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) && wait > TimeSpan.Zero, Is.True);
    }

    private abstract class TestLimiter : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => new Lease(false);

        protected sealed class Lease(bool isAcquired) : RateLimitLease
        {
            public override bool IsAcquired => isAcquired;

            public override IEnumerable<string> MetadataNames => [];

            public override bool TryGetMetadata(string metadataName, out object? metadata)
            {
                metadata = null;
                return false;
            }
        }
    }

    private static bool Grants(BitsRateLimiter limiter, int bytes)
    {
        using RateLimitLease lease = limiter.AttemptAcquire(bytes);
        return lease.IsAcquired;
    }

    private sealed class NeverLimiter : TestLimiter
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            await new TaskCompletionSource().Task;
            return new Lease(true);
        }
    }

    private sealed class RefusingLimiter(int refusals) : TestLimiter
    {
        private int _left = refusals;

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
            ValueTask.FromResult<RateLimitLease>(new Lease(_left-- <= 0));
    }
}
