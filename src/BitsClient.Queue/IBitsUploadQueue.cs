using System.Data.Common;

namespace BitsClient.Queue;

/// <summary>
/// A durable queue of uploads in a database. Any process that can reach the database can use it; the machines that upload are those whose
/// <see cref="BitsUploadQueueOptions.MaxConcurrentUploads"/> is not 0. Thread-safe.
/// </summary>
/// <remarks>
/// Every method throws a <see cref="BitsQueueException"/> if the database cannot be used, except <c>EnqueueAsync</c> with a transaction,
/// which throws the exception of the database's provider; and an <see cref="OperationCanceledException"/> if its token fires. Those that
/// are given an id, except <see cref="GetAsync"/> and <see cref="ForgetAsync"/>, throw a
/// <see cref="KeyNotFoundException"/> if the queue does not have it.
/// </remarks>
public interface IBitsUploadQueue
{
    /// <summary>
    /// Creates the table of the queue, if it is missing. Machines that upload do this when they start, and every other method, except
    /// <c>EnqueueAsync</c> with a transaction, when it is first called; call it where only a deployment may change the schema.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the table is there.</returns>
    /// <exception cref="BitsQueueException">The table was made by a newer version, or the database cannot be used.</exception>
    Task InitializeAsync(CancellationToken cancellationToken = default);

    /// <summary>Adds an upload. The file is not opened yet.</summary>
    /// <param name="request">What to upload.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The id of the entry, once it is stored.</returns>
    /// <exception cref="ArgumentException">The path or the URL cannot be used. Nothing was added.</exception>
    Task<Guid> EnqueueAsync(BitsUploadRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds an upload within the caller's transaction, so that it is added if and only if the transaction is committed. The table must be
    /// there already (<see cref="InitializeAsync"/>).
    /// </summary>
    /// <param name="request">What to upload.</param>
    /// <param name="transaction">A transaction on the database of the queue.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The id of the entry.</returns>
    /// <exception cref="ArgumentException">
    /// The path or the URL cannot be used, or the transaction is over. Nothing was added.
    /// </exception>
    Task<Guid> EnqueueAsync(BitsUploadRequest request, DbTransaction transaction, CancellationToken cancellationToken = default);

    /// <summary>Reads an entry.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The entry; null if the queue does not have it.</returns>
    Task<BitsQueuedUpload?> GetAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Reads all entries, or those of one status.</summary>
    /// <param name="status">The status. Default null: all.</param>
    /// <param name="limit">How many entries to read at most. Default 1,000; at least 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The entries, in the order in which they were enqueued.</returns>
    Task<IReadOnlyList<BitsQueuedUpload>> ListAsync(
        BitsQueueStatus? status = null, int limit = 1000, CancellationToken cancellationToken = default);

    /// <summary>
    /// Suspends an upload: nothing more is sent, and its session stays open. No effect if it has ended or is suspended.
    /// </summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Ends the wait; the upload is suspended nevertheless.</param>
    /// <returns>The entry, once no machine uploads it.</returns>
    Task<BitsQueuedUpload> SuspendAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets an upload continue that was suspended, or has failed for good, or waits because of a failure: it is due now. No effect
    /// otherwise.
    /// </summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The entry.</returns>
    Task<BitsQueuedUpload> ResumeAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Cancels an upload, wherever it runs, and its session on the server with it. If a session is open, a machine that uploads has to end
    /// it; this waits for one.
    /// </summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Ends the wait; the upload is canceled nevertheless.</param>
    /// <returns>What became of the session; see <see cref="IBitsUploadJob.CancelAsync"/>.</returns>
    Task<BitsCancelOutcome> CancelAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Acknowledges an upload that has ended: deletes its entry.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether there was such an entry.</returns>
    /// <exception cref="InvalidOperationException">It has not ended, or its session may still be open: cancel it first.</exception>
    Task<bool> ForgetAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the entries that ended some time ago and that <see cref="ForgetAsync"/> would delete, except those that observers have yet
    /// to be told of.
    /// </summary>
    /// <param name="age">How long ago they must have ended, by the clock of the database; not negative.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many entries were deleted.</returns>
    Task<int> PurgeAsync(TimeSpan age, CancellationToken cancellationToken = default);

    /// <summary>Waits until an upload has ended, in whichever way.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entry.</returns>
    Task<BitsQueuedUpload> WaitAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Watches an upload: returns the entry at once, after each change that is noticed, and every five seconds. While it runs in this
    /// process, the progress is the current one; in another, that of its last checkpoint.
    /// </summary>
    /// <param name="id">The entry.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <returns>The entries; the last one has ended.</returns>
    IAsyncEnumerable<BitsQueuedUpload> WatchAsync(Guid id, CancellationToken cancellationToken = default);
}
