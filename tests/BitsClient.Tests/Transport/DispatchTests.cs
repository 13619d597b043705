using System.Diagnostics;
using BitsClient.Tests.Support;
using BitsClient.Transport;
using Polly;

namespace BitsClient.Tests.Transport;

/// <summary>
/// The thread that brings an answer sends the next request. Whoever blocks it, in a handler, a strategy or after an upload, holds up
/// nothing else.
/// </summary>
public sealed class DispatchTests
{
    private static readonly BitsUploadOptions Options = new() { FixedFragmentSize = 10_000, CancelTimeout = TimeSpan.FromSeconds(30) };

    [Test]
    public async Task The_thread_that_brings_an_answer_sends_the_next_request()
    {
        AnsweringHandler answering = new();
        await UploadAsync(new BitsUploadOptions { FixedFragmentSize = 100 }, answering);

        // An answer that comes before it is awaited is passed on by another thread.
        Assert.That(answering.SentByAnswer, Has.Count.EqualTo(102).And.Some.True);
    }

    [Test]
    public async Task A_thread_of_the_handler_is_not_used_for_another_request()
    {
        OwnThreadHandler own = new();
        await UploadAsync(new BitsUploadOptions { FixedFragmentSize = 100 }, own);
        Assert.That(own.BegunOnPool, Has.Count.EqualTo(102).And.All.True);
    }

    [Test]
    public async Task Each_request_has_the_context_of_the_caller_and_the_activity_of_its_packet()
    {
        AsyncLocal<string> caller = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "BitsClient",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        ContextHandler contexts = new(caller);
        caller.Value = "caller";
        await UploadAsync(Options, contexts);
        Assert.That(
            contexts.Values,
            Is.EqualTo(new[] { "caller BITS Create-Session", "caller BITS Fragment", "caller BITS Close-Session" }));
    }

    [Test]
    public async Task A_handler_that_blocks_the_thread_does_not_hold_up_a_cancel()
    {
        using BlockingHandler blocking = new();
        using UploadRig rig = new(options: Options, handlers: blocking);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await blocking.Begun.Task;
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(RequestInFlight.Grace);
        rig.Time.Advance(RequestInFlight.Grace);
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        blocking.Free.Set();
    }

    [Test]
    public async Task A_caller_may_block_the_thread_that_ends_an_upload_with_the_next_upload()
    {
        using UploadRig rig = new(options: Options);
        await BlockAfterwardsAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_strategy_may_block_the_thread_until_its_packet_was_sent()
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            Retry = { ConfigurePipeline = pipeline => pipeline.AddStrategy(_ => new BlockingStrategy(), new StrategyOptions()) },
        };
        using UploadRig rig = new(options: options);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    private static async Task UploadAsync(BitsUploadOptions options, DelegatingHandler handler)
    {
        using UploadRig rig = new(options: options, handlers: handler);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
    }

    private static async Task BlockAfterwardsAsync(UploadRig rig)
    {
        await using IBitsUploadJob first = rig.CreateJob();
        await first.RunAsync().ConfigureAwait(false);
        await using IBitsUploadJob second = rig.CreateJob();
#pragma warning disable VSTHRD103 // That is what the test is about.
        second.RunAsync().GetAwaiter().GetResult();
#pragma warning restore VSTHRD103
    }

    private sealed class AnsweringHandler : DelegatingHandler
    {
        [ThreadStatic]
        private static bool _isAnswering;

        /// <summary>For each request: whether the call that brings the answer to the one before has sent it.</summary>
        public List<bool> SentByAnswer { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            SentByAnswer.Add(_isAnswering);
            TaskCompletionSource<HttpResponseMessage> answered = new();
            _ = Task.Run(
                async () =>
                {
                    HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                    _isAnswering = true;
                    answered.SetResult(response);
                    _isAnswering = false;
                },
                cancellationToken);
            return answered.Task;
        }
    }

    /// <summary>Ends each request on a thread of its own.</summary>
    private sealed class OwnThreadHandler : DelegatingHandler
    {
        public List<bool> BegunOnPool { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            BegunOnPool.Add(Thread.CurrentThread.IsThreadPoolThread);
            TaskCompletionSource<HttpResponseMessage> answered = new();
            new Thread(() =>
            {
#pragma warning disable VSTHRD002 // A thread that may block.
                answered.SetResult(base.SendAsync(request, cancellationToken).GetAwaiter().GetResult());
#pragma warning restore VSTHRD002
            }).Start();
            return answered.Task;
        }
    }

    private sealed class ContextHandler(AsyncLocal<string> context) : DelegatingHandler
    {
        public List<string> Values { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Values.Add($"{context.Value} {Activity.Current?.OperationName}");
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Blocks the thread that sends a fragment, whatever the token says.</summary>
    private sealed class BlockingHandler : DelegatingHandler
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Free { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interception.TypeOf(request) == "Fragment")
            {
                Begun.SetResult();
                Free.Wait(CancellationToken.None);
            }

            return base.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            Free.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class StrategyOptions : ResilienceStrategyOptions;

    /// <summary>Blocks the thread while a packet is sent, from the second one on.</summary>
    private sealed class BlockingStrategy : ResilienceStrategy
    {
        private int _packets;

        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            ValueTask<Outcome<TResult>> sending = callback(context, state);
#pragma warning disable VSTHRD002 // That is what the test is about.
            return ++_packets == 1 ? sending : new ValueTask<Outcome<TResult>>(sending.AsTask().GetAwaiter().GetResult());
#pragma warning restore VSTHRD002
        }
    }
}
