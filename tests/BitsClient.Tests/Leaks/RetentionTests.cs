using System.Runtime.CompilerServices;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Polly;

namespace BitsClient.Tests.Leaks;

/// <summary>
/// Long-lived objects keep nothing alive that has ended: the caller's token no job, a job no run, a run no request. The tests register
/// marks with the tokens that the library passes to the caller's code; a mark lives as long as its token.
/// </summary>
[Platform(Exclude = "Mono", Reason = "Its garbage collector keeps what a stack only seems to refer to.")]
public sealed class RetentionTests
{
    [Test]
    public async Task A_long_lived_token_keeps_neither_jobs_nor_runs_alive([Values] Ending ending)
    {
        Marks marks = new();
        using LeakRig rig = new(ending, new RecordingStore(), marks.Watch);
        using CancellationTokenSource lasting = new();
        using CancellationTokenSource own = new();
        CancellationTokenSource cancel = ending is Ending.Token or Ending.TokenThatKeeps ? own : lasting;
        WeakReference job = await EndAsync(rig, cancel);
        await CollectAsync(() => !job.IsAlive);
        Assert.That(job.IsAlive, Is.False, "the job is not kept alive");
        await marks.AssertAreGoneAsync(ending is not (Ending.NeverRun or Ending.CancelUnrun));
        GC.KeepAlive(lasting);
        GC.KeepAlive(own);
        GC.KeepAlive(rig);
    }

    [Test]
    public async Task A_long_lived_job_keeps_nothing_of_a_failed_run_alive()
    {
        Marks marks = new();
        using LeakRig rig = new(Ending.Failure, new RecordingStore(), marks.Watch);
        using CancellationTokenSource cancel = new();
        IBitsUploadJob job = rig.Client.CreateJob(new Marked(marks), UploadRig.Url);
        await rig.EndAsync(job, cancel);
        await marks.AssertAreGoneAsync();
        await job.DisposeAsync();
        GC.KeepAlive(job);
    }

    [Test]
    public async Task A_long_lived_job_and_token_keep_nothing_of_a_resumed_run_alive()
    {
        Marks marks = new();
        using LeakRig rig = new(Ending.Failure, new RecordingStore(), marks.Watch);
        using CancellationTokenSource lasting = new();
        IBitsUploadJob resumed = await ResumeAsync(rig, marks, lasting.Token);
        await marks.AssertAreGoneAsync();
        await resumed.DisposeAsync();
        GC.KeepAlive(lasting);
    }

    [Test]
    public async Task A_run_in_progress_keeps_nothing_of_earlier_requests_alive()
    {
        Marks marks = new();
        using LeakRig rig = new(Ending.Success, new RecordingStore(), options => marks.WatchRequests(options, mostSeen: 4));
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(UploadRig.Bytes(4000)), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);

        // Create-Session and two fragments; the third is in flight.
        Assert.That(await marks.CountAliveAsync(mostExpected: 1), Is.LessThanOrEqualTo(1));
        gate.Release();
        await running;
    }

    [Test]
    public async Task A_long_lived_token_keeps_nothing_of_pings_alive()
    {
        Marks marks = new();
        using LeakRig rig = new(Ending.NeverRun, store: null, marks.Watch);
        using CancellationTokenSource lasting = new();
        for (int i = 0; i < 5; i++)
        {
            await rig.Client.PingAsync(UploadRig.Url, lasting.Token);
        }

        await marks.AssertAreGoneAsync();
        GC.KeepAlive(lasting);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> EndAsync(LeakRig rig, CancellationTokenSource cancel)
    {
        IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(UploadRig.Bytes(3000)), UploadRig.Url, BitsReplyTarget.ToStream(new MemoryStream()));
        await rig.EndAsync(job, cancel);
        await job.DisposeAsync();
        return new WeakReference(job);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<IBitsUploadJob> ResumeAsync(LeakRig rig, Marks marks, CancellationToken lasting)
    {
        IBitsUploadJob failed = rig.Client.CreateJob(new Marked(marks), UploadRig.Url);
        using CancellationTokenSource cancel = new();
        await rig.EndAsync(failed, cancel);
        BitsUploadCheckpoint checkpoint = failed.Checkpoint!;
        await failed.DisposeAsync();
        IBitsUploadJob resumed = rig.Client.ResumeJob(checkpoint, new Marked(marks));
        await resumed.RunAsync(cancellationToken: lasting);
        return resumed;
    }

    // Objects that have just ended may still be on the stack of a thread.
    private static async Task CollectAsync(Func<bool> isEnough)
    {
        for (int i = 0; i < 100 && !isEnough(); i++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>A mark on every token that is passed to the caller's code.</summary>
    private sealed class Marks
    {
        private readonly List<(string Token, WeakReference Mark)> _all = [];

        public void Watch(BitsUploadOptions options)
        {
            WatchRequests(options);
            options.Retry.ConfigurePipeline = builder => builder.AddStrategy(_ => new Strategy(this), new StrategyOptions());
        }

        public void WatchRequests(BitsUploadOptions options, int mostSeen = int.MaxValue) => options.PrepareRequest = (_, token) =>
        {
            if (mostSeen-- > 0)
            {
                Add("a request's", token);
            }

            return ValueTask.CompletedTask;
        };

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Add(string what, CancellationToken token)
        {
            object mark = new();
            token.UnsafeRegister(static _ => { }, mark);
            lock (_all)
            {
                _all.Add((what, new WeakReference(mark)));
            }
        }

        public async Task<int> CountAliveAsync(int mostExpected)
        {
            await CollectAsync(() => Alive().Count() <= mostExpected);
            return Alive().Count();
        }

        public async Task AssertAreGoneAsync(bool wereMade = true)
        {
            await CountAliveAsync(mostExpected: 0);
            Assert.That(Alive(), Is.Empty, "no token is kept alive");
            Assert.That(_all, wereMade ? Is.Not.Empty : Is.Empty, "marks were made");
        }

        private IEnumerable<string> Alive() => _all.Where(made => made.Mark.IsAlive).Select(made => made.Token);
    }

    /// <summary>Marks the token of each execution of the pipeline.</summary>
    private sealed class Strategy(Marks marks) : ResilienceStrategy
    {
        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            marks.Add("a run's", context.CancellationToken);
            return callback(context, state);
        }
    }

    private sealed class StrategyOptions : ResilienceStrategyOptions;

    /// <summary>A source that marks the token of each read, such as the reads that compare the hash.</summary>
    private sealed class Marked(Marks marks) : BitsUploadSource(3000, "file.bin", "Nothing.", nameof(marks))
    {
        internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            marks.Add("a read's", cancellationToken);
            int read = (int)Math.Min(buffer.Length, Length - offset);
            buffer.Span[..read].Clear();
            return ValueTask.FromResult(read);
        }

        internal override void ThrowIfChanged()
        {
            // It never changes.
        }
    }
}
