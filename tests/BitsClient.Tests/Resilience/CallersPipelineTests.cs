using BitsClient.Testing;
using BitsClient.Tests.Support;
using Polly;

namespace BitsClient.Tests.Resilience;

/// <summary>The caller's own strategies, which wrap each attempt.</summary>
public sealed class CallersPipelineTests
{
    [Test]
    public async Task A_strategy_wraps_each_attempt_and_its_exceptions_are_retried()
    {
        int attempts = 0;
        using UploadRig rig = Rig(
            pipeline => Wrap(pipeline, (send, token) => ++attempts == 3 ? throw new InvalidOperationException("Chaos.") : send(token)));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(result.Retries, Is.EqualTo(1));
        Assert.That(attempts, Is.EqualTo(13), "twelve packets, one of them twice");
    }

    [Test]
    public async Task One_pipeline_serves_all_uploads_of_a_client()
    {
        int built = 0;
        using UploadRig rig = Rig(_ => built++);
        for (int i = 0; i < 2; i++)
        {
            await using IBitsUploadJob job = rig.CreateJob();
            await job.RunAsync();
        }

        Assert.That(built, Is.EqualTo(1));
    }

    [Test]
    public void A_configuration_that_throws_does_so_when_the_client_is_created() =>
        Assert.That(() => Rig(_ => throw new NotSupportedException("Not today.")), Throws.TypeOf<NotSupportedException>());

    [Test]
    public async Task An_exception_from_a_strategy_is_reported_as_the_pipelines_own()
    {
        using UploadRig rig = Rig(pipeline => Wrap(pipeline, (_, _) => throw new InvalidOperationException("The circuit is open.")));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(
            () => job.RunAsync(),
            Throws.TypeOf<BitsUploadException>().With.Message.EqualTo(
                "Create-Session to http://bits.test/upload/file.bin: a strategy of ConfigurePipeline failed: The circuit is open.")
                .And.Matches<BitsUploadException>(e => e.IsTransient));
    }

    [Test]
    public async Task A_strategy_that_sends_a_packet_twice_is_an_error()
    {
        using UploadRig rig = Rig(pipeline => Wrap(pipeline, async (send, token) =>
        {
            await send(token);
            await send(token);
        }));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>().With.Message.Contains("sent the packet twice"));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session"));
    }

    [Test]
    public async Task A_strategy_can_end_an_attempt_through_its_token()
    {
        int attempts = 0;
        BitsGate? gate = null;
        using UploadRig rig = Rig(pipeline => Wrap(pipeline, async (send, token) =>
        {
            if (++attempts != 3)
            {
                await send(token);
                return;
            }

            using CancellationTokenSource ending = new();
            Task sending = send(ending.Token).AsTask();
            await gate!.ReachedByAsync(sending);
            await ending.CancelAsync();
            await sending.ContinueWith(_ => { }, TaskScheduler.Default);
            throw new TimeoutException("The strategy's time is up.");
        }));
        gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Retries, Is.EqualTo(1));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    private static UploadRig Rig(Action<ResiliencePipelineBuilder> configure)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000 };
        options.Retry.ConfigurePipeline = configure;
        UploadRig rig = new(options: options);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(60);
        return rig;
    }

    private static void Wrap(
        ResiliencePipelineBuilder pipeline, Func<Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> wrap) =>
        pipeline.AddStrategy(_ => new Strategy(wrap), new StrategyOptions());

    private sealed class StrategyOptions : ResilienceStrategyOptions;

    private sealed class Strategy(Func<Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> wrap) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Outcome<TResult> outcome = default;
            try
            {
                await wrap(SendAsync, context.CancellationToken);
                return outcome;
            }
            catch (Exception e)
            {
                return Outcome.FromException<TResult>(e);
            }

            async ValueTask SendAsync(CancellationToken token)
            {
                ResilienceContext inner = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, token);
                outcome = await callback(inner, state);
                ResilienceContextPool.Shared.Return(inner);
                outcome.ThrowIfException();
            }
        }
    }
}
