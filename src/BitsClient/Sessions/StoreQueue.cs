using BitsClient.Diagnostics;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>
/// Calls a checkpoint store one call after another, in the order they were added, so that no old checkpoint replaces a newer one or comes
/// back after it was deleted. A store that hangs delays the upload only for a limited time.
/// </summary>
/// <remarks>
/// The loop, a cancel and a disposal of the job add calls at the same time. The lock guards the last call; the store runs outside of it.
/// </remarks>
internal sealed class StoreQueue(Guid id, TimeProvider time, ILogger logger)
{
    /// <summary>How long the upload waits for the store; then it continues, and the store may finish when it can.</summary>
    public static readonly TimeSpan MaxWaitWhileUploading = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private Task _last = Task.CompletedTask;
    private volatile Task? _hanging;

    /// <summary>Completes when the store has finished all calls added so far.</summary>
    public Task Done
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>The upload has stopped waiting for a call, which has not ended since.</summary>
    public bool IsHanging => _hanging is { IsCompleted: false };

    /// <summary>Adds a call, which must not throw.</summary>
    public Task AddAsync(Func<ValueTask> call)
    {
        lock (_gate)
        {
            Task before = _last;
            return _last = Task.Run(async () =>
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await call().ConfigureAwait(false);
            });
        }
    }

    /// <summary>Adds the deletion of the checkpoint, which is logged if it fails.</summary>
    public Task AddDeleteAsync(IBitsCheckpointStore store, Uri url) => AddAsync(async () =>
    {
        try
        {
            await store.DeleteAsync(id).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.CheckpointNotDeleted(logger, id, BitsUrl.Shown(url), e);
        }
    });

    /// <summary>Loads the checkpoint of the upload, outside the queue.</summary>
    /// <exception cref="IOException">The store cannot be read, or does not respond.</exception>
    public Task<BitsUploadCheckpoint?> LoadAsync(IBitsCheckpointStore store) =>
        StoreCall.RunAsync(() => store.LoadAsync(id).AsTask(), $"load the upload {id}", MaxWaitWhileUploading, time);

    /// <summary>The same; null also if the store cannot be read.</summary>
    public async Task<BitsUploadCheckpoint?> TryLoadAsync(IBitsCheckpointStore store)
    {
        try
        {
            return await LoadAsync(store).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.StoreUnusable(logger, id, e);
            return null;
        }
    }

    /// <summary>Waits for a call, but not for long.</summary>
    public async Task WaitAsync(Task call)
    {
        try
        {
            await call.WaitAsync(MaxWaitWhileUploading, time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!call.IsFaulted)
        {
            _hanging = call;
            Log.StoreHangs(logger, id, MaxWaitWhileUploading);
        }
    }
}
