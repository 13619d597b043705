using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A run saves while a cancel deletes, and both need the lock: the store sees one call after the other.</summary>
public sealed class SaveAndDeleteTests
{
    /// <summary>How often queued work of the thread pool gets its turn until a cancel that could go on would have.</summary>
    private const int Turns = 1000;

    private static readonly Uri Url = new("http://bits.test/upload/file.bin");

    [Test]
    public async Task A_checkpoint_being_saved_when_its_session_is_canceled_does_not_reappear()
    {
        RecordingStore store = new();
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            CheckpointStore = store,
            OnCancellation = BitsSessionAction.KeepSession,
        };
        Clock clock = new();
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, options, timeProvider: clock);
        using CancellationTokenSource stop = new();
        BitsGate gate = server.HoldBody(4, 500);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(UploadRig.Bytes(10_000)), Url);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);

        // The checkpoint asks for the time in the middle of the save. Meanwhile, the cancel gets as far as it can.
        Task<BitsCancelOutcome>? canceling = null;
        clock.OnNow = () =>
        {
            canceling = job.CancelAsync();
            for (int i = 0; i < Turns && !store.Calls.Contains("delete"); i++)
            {
                using ManualResetEventSlim turn = new();
                ThreadPool.QueueUserWorkItem(_ => turn.Set());
                turn.Wait();
            }
        };
        await stop.CancelAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(canceling, Is.Not.Null, "a checkpoint was saved");
        Assert.That(await canceling!, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        await job.DisposeAsync();
        Assert.That(store.Only, Is.Null, string.Join(", ", store.Calls));
        Assert.That(store.Calls.Skip(store.Calls.Count - 3), Is.EqualTo(new[] { "save 3000", "delete", "unlock" }));
    }

    [Test]
    public async Task A_run_and_a_cancel_that_start_together_lock_once()
    {
        RecordingStore store = new();
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using (IBitsUploadJob failing = rig.CreateJob())
        {
            Assert.That(() => failing.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        int before = store.Calls.Count;
        TaskCompletionSource locking = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource free = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.OnCall = call =>
        {
            if (call != "lock")
            {
                return Task.CompletedTask;
            }

            locking.TrySetResult();
            return free.Task;
        };
        await using IBitsUploadJob job = rig.Client.ResumeJob(store.Only!, BitsUploadSource.FromMemory(rig.File));
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(locking.Task, running);
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        for (int i = 0; i < Turns; i++)
        {
            // Queued work of the thread pool gets its turn.
            await Task.Run(() => { });
        }

        free.SetResult();
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(store.Calls.Skip(before), Has.One.EqualTo("lock"));
    }

    /// <summary>A clock that stands still, and calls back the first time it is asked for the time of day.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly ManualTimeProvider _inner = new();
        private Action? _onNow;

        public Action OnNow
        {
            set => _onNow = value;
        }

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _onNow, null)?.Invoke();
            return _inner.GetUtcNow();
        }

        public override long GetTimestamp() => _inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _inner.CreateTimer(callback, state, dueTime, period);
    }
}
