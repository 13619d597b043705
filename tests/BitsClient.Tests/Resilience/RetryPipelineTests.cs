using System.Net;
using BitsClient.Resilience;
using BitsClient.Tests.Support;
using Polly;

namespace BitsClient.Tests.Resilience;

/// <summary>How long the pause before another try is.</summary>
public sealed class RetryPipelineTests
{
    private readonly ManualTimeProvider _time = new() { PassesAtOnce = TimeSpan.MaxValue };

    [Test]
    public async Task The_delays_grow_from_the_first_to_the_longest_and_not_all_are_alike()
    {
        List<TimeSpan> delays = await DelaysOf(new BitsUploadException("no answer") { IsTransient = true }, tries: 40);
        Assert.That(delays[0], Is.LessThan(TimeSpan.FromSeconds(4)));
        Assert.That(delays, Is.All.InRange(TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        Assert.That(delays.Max(), Is.EqualTo(TimeSpan.FromSeconds(30)));
        List<TimeSpan> others = await DelaysOf(new BitsUploadException("no answer") { IsTransient = true }, tries: 40);
        Assert.That(others, Is.Not.EqualTo(delays), "clients that failed together do not come back together");
    }

    [Test]
    public async Task A_delay_that_the_server_asked_for_takes_the_place_of_our_own() =>
        Assert.That(await DelaysOf(Busy(TimeSpan.FromMinutes(7)), tries: 2), Is.All.EqualTo(TimeSpan.FromMinutes(7)));

    [Test]
    public void A_delay_that_the_server_asked_for_has_at_most_a_timers_length()
    {
        Assert.That(RetryPipeline.RetryAfterOf(Busy(TimeSpan.FromDays(29))), Is.EqualTo(TimeSpan.FromDays(29)));
        Assert.That(RetryPipeline.RetryAfterOf(Busy(TimeSpan.FromDays(31))), Is.EqualTo(TimeSpan.FromDays(30)));
        Assert.That(RetryPipeline.RetryAfterOf(new BitsUploadException("no answer")), Is.Null);
    }

    [Test]
    public void What_asks_for_no_other_try_gets_none()
    {
        int tries = 0;
        ResiliencePipeline<Attempt> pipeline = RetryPipeline.Build(new BitsRetryOptions(), _time);
        Assert.That(
            () => pipeline.ExecuteAsync(_ => ++tries > 0 ? throw new IOException("lost") : ValueTask.FromResult(Attempt.Next)).AsTask(),
            Throws.TypeOf<IOException>());
        Assert.That(tries, Is.EqualTo(1));
    }

    private static BitsServerException Busy(TimeSpan retryAfter) =>
        new("busy", HttpStatusCode.ServiceUnavailable) { RetryAfter = retryAfter };

    private async Task<List<TimeSpan>> DelaysOf(BitsUploadException failure, int tries)
    {
        List<TimeSpan> delays = [];
        ResiliencePipeline<Attempt> pipeline = RetryPipeline.Build(new BitsRetryOptions(), _time);
        ResilienceContext context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(RetryPipeline.Retrying, (failed, delay) =>
        {
            Assert.That(failed, Is.SameAs(failure));
            delays.Add(delay);
        });
        await pipeline.ExecuteAsync(
            _ => ValueTask.FromResult(delays.Count < tries ? Attempt.Retry(failure) : Attempt.Next), context);
        ResilienceContextPool.Shared.Return(context);
        return delays;
    }
}
