using System.Collections.Concurrent;
using System.Net;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>Threads use a job at the same time: one of them runs it, one cancel is sent, and disposing it waits for either.</summary>
public sealed class OneAtATimeTests
{
#if NET
    private const int Rounds = 2000;
#else
    // A round takes longer under Mono.
    private const int Rounds = 200;
#endif

    [Test]
    public async Task Of_two_concurrent_runs_of_a_job_one_is_refused()
    {
        HangingStore store = new();
        using HttpClient http = new();
        IBitsUploadJob[] jobs = JobsOf(http, store);
        Task<BitsUploadResult>[][] runs = [.. jobs.Select(_ => new Task<BitsUploadResult>[2])];
        Hammer.Run(
            Rounds,
            round => runs[round][0] = jobs[round].RunAsync(),
            round => runs[round][1] = jobs[round].RunAsync());
        int[] refused = [.. runs.Select(pair => pair.Count(run => run.Exception?.InnerException is InvalidOperationException))];
        store.Refuse();
        await Task.WhenAll(jobs.Select(job => job.DisposeAsync().AsTask()));
        Assert.That(refused.Count(count => count != 1), Is.Zero, $"of {Rounds} jobs, this many were not run exactly once");
        await Task.WhenAll(runs.SelectMany(pair => pair).Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int[] ran = [.. runs.Select(pair => pair.Count(run => run.Exception?.InnerException is IOException))];
        Assert.That(ran, Is.All.EqualTo(1), "the run that was not refused failed to get the lock");
    }

    [Test]
    public async Task Concurrent_cancels_share_one_Cancel_Session_and_its_outcome()
    {
        using CancelCounter counter = new();
        using HttpClient http = new(counter) { Timeout = Timeout.InfiniteTimeSpan };
        IBitsUploadJob[] jobs = OpenJobsOf(http);
        Task<BitsCancelOutcome>[][] cancels = [.. jobs.Select(_ => new Task<BitsCancelOutcome>[2])];
        Hammer.Run(
            Rounds,
            round => cancels[round][0] = jobs[round].CancelAsync(),
            round => cancels[round][1] = jobs[round].CancelAsync());
        counter.Answer();
        BitsCancelOutcome[] outcomes = await Task.WhenAll(cancels.SelectMany(pair => pair));
        Assert.That(counter.Sent, Has.Count.EqualTo(Rounds));
        int[] sent = [.. counter.Sent.Values];
        Assert.That(sent.Count(count => count != 1), Is.Zero, $"of {Rounds} sessions, this many were not canceled exactly once");
        Assert.That(outcomes, Is.All.EqualTo(BitsCancelOutcome.SessionCanceled));
        await Task.WhenAll(jobs.Select(job => job.DisposeAsync().AsTask()));
    }

    [Test]
    public async Task Disposing_a_job_waits_for_a_run_that_began_or_refuses_it()
    {
        HangingStore store = new();
        using HttpClient http = new();
        IBitsUploadJob[] jobs = JobsOf(http, store);
        Task[] runs = new Task[Rounds];
        Task[] disposals = new Task[Rounds];
        Hammer.Run(
            Rounds,
            round => runs[round] = jobs[round].RunAsync(),
            round => disposals[round] = jobs[round].DisposeAsync().AsTask());
        await LetCompleteAsync(disposals);
        int abandoned = runs.Zip(disposals).Count(pair => !pair.First.IsCompleted && pair.Second.IsCompleted);
        store.Refuse();
        await Task.WhenAll(disposals);
        Assert.That(abandoned, Is.Zero, $"of {Rounds} jobs, this many were disposed while they were run");
    }

    [Test]
    public async Task Disposing_a_job_waits_for_a_cancel_that_began_or_refuses_it()
    {
        using CancelCounter counter = new();
        using HttpClient http = new(counter) { Timeout = Timeout.InfiniteTimeSpan };
        IBitsUploadJob[] jobs = OpenJobsOf(http);
        Task[] cancels = new Task[Rounds];
        Task[] disposals = new Task[Rounds];
        Hammer.Run(
            Rounds,
            round => cancels[round] = jobs[round].CancelAsync(),
            round => disposals[round] = jobs[round].DisposeAsync().AsTask());
        await LetCompleteAsync(disposals);
        int abandoned = cancels.Zip(disposals).Count(pair => !pair.First.IsCompleted && pair.Second.IsCompleted);
        counter.Answer();
        await Task.WhenAll(disposals);
        Assert.That(abandoned, Is.Zero, $"of {Rounds} jobs, this many were disposed while they were canceled");
    }

    private static IBitsUploadJob[] JobsOf(HttpClient http, IBitsCheckpointStore store)
    {
        BitsUploadClient client = new(http, new BitsUploadOptions { CheckpointStore = store }, timeProvider: new ManualTimeProvider());
        return [.. Enumerable.Range(0, Rounds).Select(_ => client.CreateJob(BitsUploadSource.FromMemory(new byte[1]), UploadRig.Url))];
    }

    private static IBitsUploadJob[] OpenJobsOf(HttpClient http)
    {
        BitsUploadClient client = new(http, timeProvider: new ManualTimeProvider());
        BitsUploadCheckpoint state = new() { Url = UploadRig.Url, SessionId = "id", BytesAcknowledged = 1, BytesTotal = 2 };
        return [.. Enumerable.Range(0, Rounds).Select(i => client.ResumeJob(state with { SessionId = $"{i}" }, Source()))];

        static BitsUploadSource Source() => BitsUploadSource.FromMemory(new byte[2]);
    }

    // Gives the thread pool time to complete those that do not wait for anything.
    private static async Task LetCompleteAsync(Task[] tasks)
    {
        for (int i = 0; i < 50 && !Array.TrueForAll(tasks, task => task.IsCompleted); i++)
        {
            await Task.Run(() => { });
        }
    }

    /// <summary>Locks nothing until all locks are refused.</summary>
    private sealed class HangingStore : IBitsCheckpointStore
    {
        private readonly TaskCompletionSource<IAsyncDisposable> _refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Refuse() => _refusal.SetException(new IOException("There is no lock."));

        public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default) => new(_refusal.Task);

        public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }

    /// <summary>A server that counts the packets of each session and delays its answers.</summary>
    private sealed class CancelCounter : HttpMessageHandler
    {
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentDictionary<string, int> Sent { get; } = new();

        public void Answer() => _answer.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string packet = Interception.TypeOf(request);
            string session = request.Headers.GetValues("BITS-Session-Id").Single();
            Sent.AddOrUpdate($"{packet} {session}", 1, (_, count) => count + 1);
            await _answer.Task.WaitAsync(cancellationToken);
            HttpResponseMessage response = new(HttpStatusCode.OK) { RequestMessage = request };
            response.Headers.Add("BITS-Packet-Type", "Ack");
            response.Headers.Add("BITS-Session-Id", session);
            return response;
        }
    }
}
