namespace BitsClient.DependencyInjection.Tests.Support;

/// <summary>A checkpoint store in a folder. A test can await that a checkpoint is deleted.</summary>
internal sealed class WatchedStore(string folder) : IBitsCheckpointStore
{
    private readonly BitsFileCheckpointStore _inner = new(folder);
    private volatile TaskCompletionSource _deleted = NewSource();

    /// <summary>Completes when the next checkpoint is deleted.</summary>
    public Task NextDeletion => _deleted.Task;

    public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default) =>
        _inner.LockAsync(id, cancellationToken);

    public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default) =>
        _inner.SaveAsync(checkpoint, cancellationToken);

    public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) =>
        _inner.LoadAsync(id, cancellationToken);

    public async ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await _inner.DeleteAsync(id, cancellationToken);
        Interlocked.Exchange(ref _deleted, NewSource()).SetResult();
    }

    public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
        _inner.ListAsync(cancellationToken);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
