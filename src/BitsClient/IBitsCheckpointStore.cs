namespace BitsClient;

/// <summary>
/// Keeps the states of uploads, so that another process can resume or cancel them. <see cref="BitsFileCheckpointStore"/> is one, in a folder. An
/// implementation has to be thread-safe for different uploads; for one, saves and deletions come one after another. A save has to be whole or not at
/// all: what was there before survives one that fails.
/// </summary>
public interface IBitsCheckpointStore
{
    /// <summary>Makes sure that nobody else runs the upload, in this process or another, until the lock is disposed of or the process ends.</summary>
    /// <param name="id">The upload, <see cref="BitsUploadCheckpoint.Id"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lock.</returns>
    /// <exception cref="BitsUploadLockedException">Somebody else runs it; the message names who.</exception>
    /// <exception cref="IOException">The store cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The store may not be written to.</exception>
    ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Saves the state under its <see cref="BitsUploadCheckpoint.Id"/>, in place of the one before. Of one upload, only who holds its lock saves, one
    /// state after the other.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that completes when the state will survive a crash.</returns>
    /// <exception cref="IOException">The state could not be saved; the one before is still there.</exception>
    ValueTask SaveAsync(BitsUploadCheckpoint state, CancellationToken cancellationToken = default);

    /// <summary>Loads a state.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The state; null if there is none.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or a newer version of this library wrote it. It is left as it is.</exception>
    ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a state; no failure if there is none.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that completes when it is gone.</returns>
    ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Lists what is there, also what cannot be read.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One entry for each upload, the oldest first, those that cannot be read last.</returns>
    ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default);
}
