using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>The lock of one upload in a checkpoint store: only its holder runs the upload.</summary>
/// <remarks>
/// A run and a cancel may take it at the same time; the semaphore lets one of them ask the store, and the other gets the same lock. It is
/// released once.
/// </remarks>
internal sealed class UploadLock(IBitsCheckpointStore store, Guid id, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _taking = new(1);
    private volatile IAsyncDisposable? _held;

    /// <summary>No other job or process can save or delete the checkpoint.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>Takes the lock, unless it is held already.</summary>
    /// <exception cref="BitsUploadLockedException">Another process or job holds it.</exception>
    /// <exception cref="IOException">The store cannot be used, or does not respond.</exception>
    public async Task TakeAsync()
    {
        await _taking.WaitAsync().ConfigureAwait(false);
        try
        {
            _held ??= await AskStoreAsync().ConfigureAwait(false);
        }
        finally
        {
            _taking.Release();
        }
    }

    /// <summary>The same, but continues if the store cannot be used.</summary>
    /// <exception cref="BitsUploadLockedException">Another process or job has the lock.</exception>
    public async Task TryTakeAsync()
    {
        try
        {
            await TakeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not BitsUploadLockedException)
        {
            Log.StoreUnusable(logger, id, e);
        }
    }

    /// <summary>What releases the lock; null if it is not held, or another caller releases it.</summary>
    public Func<ValueTask>? TakeRelease() => Interlocked.Exchange(ref _held, null) is { } held ? () => TryReleaseAsync(held) : null;

    public void Dispose() => _taking.Dispose();

    private async Task<IAsyncDisposable> AskStoreAsync()
    {
        Task<IAsyncDisposable> taking = Task.Run(() => store.LockAsync(id).AsTask());
        try
        {
            return await taking.WaitAsync(StoreCall.MaxWaitBeforeUploading, time).ConfigureAwait(false);
        }
        catch (TimeoutException e) when (!taking.IsFaulted)
        {
            _ = ReleaseLateAsync(taking);
            string limit = MessageText.Of(StoreCall.MaxWaitBeforeUploading);
            throw new IOException($"The checkpoint store did not lock the upload {id} within {limit}.", e);
        }
    }

    // If the store gives the lock too late, it is released again.
    private static async Task ReleaseLateAsync(Task<IAsyncDisposable> late)
    {
        await ForeignCode.ObserveAsync(late).ConfigureAwait(false);
        if (late.IsCompletedSuccessfully)
        {
            IAsyncDisposable held = await late.ConfigureAwait(false);
            await ForeignCode.ObserveAsync(Task.Run(() => held.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
    }

    private async ValueTask TryReleaseAsync(IAsyncDisposable held)
    {
        try
        {
            await held.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.LockNotReleased(logger, id, e);
        }
    }
}
