using BitsClient.Queue.Storage;

namespace BitsClient.Queue.Worker;

/// <summary>
/// Keeps the checkpoint of one upload in its row, for as long as the row belongs to this process. What a run ends with is written together
/// with its end, so that deleting is only remembered.
/// </summary>
internal sealed class LeaseStore(LeaseTable table, QueueEntry entry, Lease lease, BitsUploadCheckpoint? stored) : IBitsCheckpointStore
{
    private volatile BitsUploadCheckpoint? _current = stored;
    private volatile string? _storedSession = stored?.SessionId;

    /// <summary>The newest checkpoint, saved or not; null if no session is open.</summary>
    public BitsUploadCheckpoint? Current => _current;

    /// <summary>Whether the session is in the row, so that other processes know of it.</summary>
    public bool HasSaved(string sessionId) => sessionId == _storedSession;

    public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IAsyncDisposable>(NoLock.Instance);

    public async ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        _current = checkpoint;
        if (!await table.SaveAsync(entry.Upload.Id, entry.Fence, checkpoint, cancellationToken).ConfigureAwait(false))
        {
            lease.Lose();
            throw new IOException("The upload belongs to another process now.");
        }

        _storedSession = checkpoint.SessionId;
    }

    public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_current is { } current && current.Id == id ? current : null);

    public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        _current = null;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<BitsStoredCheckpoint>>([]);

    // The lease is the lock.
    private sealed class NoLock : IAsyncDisposable
    {
        public static NoLock Instance { get; } = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
