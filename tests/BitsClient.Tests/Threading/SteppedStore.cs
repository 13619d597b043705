using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A store in memory whose calls are steps.</summary>
internal sealed class SteppedStore(AsyncSteps steps) : IBitsCheckpointStore
{
    private BitsUploadCheckpoint? _checkpoint;

    /// <summary>Whether <see cref="LockAsync"/> fails.</summary>
    public bool IsLocked { get; set; }

    public async ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        return IsLocked ? throw new IOException("There is no lock.") : new Lock(steps);
    }

    public async ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        _checkpoint = checkpoint;
    }

    public async ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        return _checkpoint;
    }

    public async ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        _checkpoint = null;
    }

    public async ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        return _checkpoint is { } checkpoint ? [new BitsStoredCheckpoint { Location = "memory", Checkpoint = checkpoint }] : [];
    }

    private sealed class Lock(AsyncSteps steps) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(steps.PassAsync());
    }
}
