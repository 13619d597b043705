using System.Collections.Concurrent;

namespace BitsClient.Tests.Support;

/// <summary>A store in memory that records its calls in the order they began, and can be made to fail or to hang.</summary>
internal sealed class RecordingStore : IBitsCheckpointStore
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentDictionary<Guid, BitsUploadCheckpoint> _checkpoints = new();
    private readonly TaskCompletionSource _firstSave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>Such as "lock", "save 3000", "save 9000 last" if the file may be complete, "delete", "unlock".</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    public IEnumerable<string> Saves => Calls.Where(call => call.StartsWith("save", StringComparison.Ordinal));

    public List<BitsUploadCheckpoint> Saved { get; } = [];

    /// <summary>Completes when a checkpoint is there.</summary>
    public Task FirstSave => _firstSave.Task;

    /// <summary>Whether two calls ran at once.</summary>
    public bool Overlapped { get; private set; }

    /// <summary>Runs before each call: throws, or waits.</summary>
    public Func<string, Task> OnCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before each load, which is not recorded: throws, or waits.</summary>
    public Func<Task> OnLoad { get; set; } = () => Task.CompletedTask;

    public BitsUploadCheckpoint? Only => _checkpoints.Values.SingleOrDefault();

    public async ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await CallAsync("lock");
        return new Lock(this);
    }

    public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        Saved.Add(checkpoint);
        return CallAsync(
            $"save {checkpoint.BytesAcknowledged}{(checkpoint.MayBeComplete ? " last" : "")}"
                + $"{(checkpoint.HostId is { } host ? $" {host}" : "")}",
            () =>
            {
                _checkpoints[checkpoint.Id] = checkpoint;
                _firstSave.TrySetResult();
            });
    }

    public async ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await OnLoad();
        return _checkpoints.GetValueOrDefault(id);
    }

    public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default) =>
        CallAsync("delete", () => _checkpoints.TryRemove(id, out _));

    public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<BitsStoredCheckpoint>>(
            [.. _checkpoints.Values.Select(state => new BitsStoredCheckpoint { Location = $"{state.Id}", Checkpoint = state })]);

    private async ValueTask CallAsync(string call, Action? then = null)
    {
        Overlapped |= Interlocked.Increment(ref _running) > 1;
        _calls.Enqueue(call);
        try
        {
            await OnCall(call);
            then?.Invoke();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private sealed class Lock(RecordingStore store) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => store.CallAsync("unlock");
    }
}
