using BitsClient.Testing;
using BitsClient.Tests.Support;
using Polly;

namespace BitsClient.Tests.Resilience;

/// <summary>
/// A strategy of the caller may turn a failure into a success, or a success into a failure. The upload believes the server alone.
/// </summary>
public sealed class ReplacedOutcomeTests
{
    [TestCase(BitsPacketNames.CreateSession)]
    [TestCase(BitsPacketNames.Fragment)]
    [TestCase(BitsPacketNames.CloseSession)]
    public async Task A_failure_that_a_strategy_swallows_is_not_taken_for_an_ack(string packet)
    {
        using UploadRig rig = Rig(new Swallow());
        rig.Server.Inject(packet, new BitsFault.Answer(503), occurrence: 1);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Session ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Fragment of", StringComparison.Ordinal)), Is.EqualTo(10));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Uploaded", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_fragment_that_may_have_arrived_is_in_doubt_whatever_a_strategy_says([Values] bool appends)
    {
        using UploadRig rig = Rig(new Swallow(), appends);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That((rig.Server.Sessions.Count, result.Retries), Is.EqualTo(appends ? (2, 2) : (1, 1)));
    }

    [Test]
    public async Task A_strategy_that_sends_nothing_does_not_keep_the_upload_busy_for_ever()
    {
        using UploadRig rig = Rig(new Skip());
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Pipeline));
        Assert.That(e.Message, Does.EndWith("a strategy of ConfigurePipeline failed: it neither sent the packet nor threw an exception."));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task An_ack_is_logged_even_if_a_strategy_fails_after_it()
    {
        using UploadRig rig = Rig(new FailAfterwards());
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Session ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Fragment of", StringComparison.Ordinal)), Is.EqualTo(10));
        Assert.That(rig.Logs.Entries.Count(entry => entry.Text.StartsWith("Uploaded", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    private static UploadRig Rig(ResilienceStrategy strategy, bool appends = false) => new(
        new BitsTestServerOptions { AppendsAndEchoes = appends },
        new BitsUploadOptions
        {
            FixedFragmentSize = 1000,
            Retry = new BitsRetryOptions
            {
                ConfigurePipeline = pipeline => pipeline.AddStrategy(_ => strategy, new Options()),
            },
        })
    {
        Time = { PassesAtOnce = TimeSpan.MaxValue },
    };

    private sealed class Options : ResilienceStrategyOptions;

    private sealed class Swallow : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Outcome<TResult> outcome = await callback(context, state);
            return outcome.Exception is null ? outcome : Outcome.FromResult<TResult>(default!);
        }
    }

    private sealed class Skip : ResilienceStrategy
    {
        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            new(Outcome.FromResult<TResult>(default!));
    }

    private sealed class FailAfterwards : ResilienceStrategy
    {
        private int _calls;

        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Outcome<TResult> outcome = await callback(context, state);
            return ++_calls % 2 == 1 ? Outcome.FromException<TResult>(new InvalidOperationException("Too late.")) : outcome;
        }
    }
}
