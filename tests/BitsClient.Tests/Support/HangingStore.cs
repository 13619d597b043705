namespace BitsClient.Tests.Support;

/// <summary>A checkpoint store that answers no call until it is disposed.</summary>
internal sealed class HangingStore : IBitsCheckpointStore, IDisposable
{
    private readonly TaskCompletionSource _end = new();

    public async ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await _end.Task;
        throw new IOException("The store is gone.");
    }

    public async ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default) => await _end.Task;

    public async ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await _end.Task;
        return null;
    }

    public async ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default) => await _end.Task;

    public async ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        await _end.Task;
        return [];
    }

    public void Dispose() => _end.TrySetResult();
}
