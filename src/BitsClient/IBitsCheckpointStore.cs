namespace BitsClient;

/// <summary>
/// Stores the checkpoints of uploads, so that another process can resume or cancel them. <see cref="BitsFileCheckpointStore"/> stores them
/// in a folder. An implementation must be thread-safe for different uploads; the saves and deletions of one upload never overlap. A save
/// must be atomic: if it fails, the previous checkpoint is still there.
/// </summary>
public interface IBitsCheckpointStore
{
    /// <summary>
    /// Locks an upload, so that no other job or process can run it. The lock is held until it is disposed or the process ends.
    /// </summary>
    /// <param name="id">The upload (<see cref="BitsUploadCheckpoint.Id"/>).</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The lock.</returns>
    /// <exception cref="BitsUploadLockedException">Another job or process holds the lock; the message names it.</exception>
    /// <exception cref="IOException">The store cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the store is denied.</exception>
    ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Saves a checkpoint under its <see cref="BitsUploadCheckpoint.Id"/> and replaces the previous one. Only the holder of the upload's
    /// lock saves, one checkpoint after the other.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the checkpoint would survive a crash.</returns>
    /// <exception cref="IOException">The checkpoint could not be saved; the previous one is still there.</exception>
    ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default);

    /// <summary>Loads the checkpoint of an upload.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The checkpoint; null if there is none.</returns>
    /// <exception cref="InvalidDataException">
    /// The checkpoint is damaged, or was written by another version of this library. It is left unchanged.
    /// </exception>
    ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Deletes the checkpoint of an upload. No effect if there is none.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the checkpoint is deleted.</returns>
    ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Lists all checkpoints, including those that cannot be read.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>One entry for each upload: the oldest first, those that cannot be read last.</returns>
    ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default);
}
