using System.Collections.Concurrent;

namespace BitsClient.Tests.Support;

/// <summary>A store in memory that keeps the account of its calls, in the order they began, and can be made to fail or to hang.</summary>
internal sealed class RecordingStore : IBitsCheckpointStore
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentDictionary<Guid, BitsUploadCheckpoint> _states = new();
    private int _running;

    /// <summary>As in "lock", "save 3000", "save 9000 last" where the file may be complete, "delete", "unlock".</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    public IEnumerable<string> Saves => Calls.Where(call => call.StartsWith("save", StringComparison.Ordinal));

    public List<BitsUploadCheckpoint> Saved { get; } = [];

    /// <summary>Two calls ran at once.</summary>
    public bool Overlapped { get; private set; }

    /// <summary>Comes before each call: throws, or waits.</summary>
    public Func<string, Task> OnCall { get; set; } = _ => Task.CompletedTask;

    public BitsUploadCheckpoint? Only => _states.Values.SingleOrDefault();

    public async ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await CallAsync("lock");
        return new Lock(this);
    }

    public ValueTask SaveAsync(BitsUploadCheckpoint state, CancellationToken cancellationToken = default)
    {
        Saved.Add(state);
        return CallAsync($"save {state.BytesAcknowledged}{(state.MayBeComplete ? " last" : "")}{(state.HostId is { } host ? $" {host}" : "")}", () => _states[state.Id] = state);
    }

    public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) => ValueTask.FromResult(_states.GetValueOrDefault(id));

    public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default) => CallAsync("delete", () => _states.TryRemove(id, out _));

    public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<BitsStoredCheckpoint>>([.. _states.Values.Select(state => new BitsStoredCheckpoint { Location = $"{state.Id}", Checkpoint = state })]);

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
