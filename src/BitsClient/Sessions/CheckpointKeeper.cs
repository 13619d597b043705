using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>
/// Keeps the state of one upload in a store, if there is one: after each ack, not too often, and at once where something but the offset changed. A
/// save that fails is logged, and the upload goes on: the state that was there before is still there. So it does where the store hangs. Saves and
/// deletions are one after another, in the order they were asked for, so that no old state replaces a newer one, or comes back after it was deleted.
/// </summary>
internal sealed class CheckpointKeeper(IBitsCheckpointStore? store, SourceHash? hash, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the upload waits for the store to save or delete; then it goes on, and the store may end when it likes.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(5);

    /// <summary>How long the store may take for the lock, before which nothing is sent.</summary>
    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _locking = new(1);
    private readonly object _gate = new();
    private Guid _id;
    private IAsyncDisposable? _lock;
    private UploadState? _saved;
    private long _savedAt;
    private (string? SessionId, int Restarts)? _settled;
    private volatile bool _isUnsaved;
    private Task _calls = Task.CompletedTask;

    /// <summary>Completes when the store has done all that it was asked for so far.</summary>
    public Task Done
    {
        get
        {
            lock (_gate)
            {
                return _calls;
            }
        }
    }

    /// <summary>The facts of the session that is open; null when none is.</summary>
    public BitsUploadCheckpoint? Snapshot(UploadState state)
    {
        BitsUploadCheckpoint? open = state.Snapshot();
        if (open is null)
        {
            return null;
        }

        BitsSourceFingerprint? source = hash is not null && open.Source is { } known ? hash.Added(known) : open.Source;
        return open with { Source = source, UpdatedAt = time.GetUtcNow() };
    }

    /// <summary>Makes sure that nobody else runs the upload, until this is disposed of.</summary>
    /// <exception cref="BitsUploadLockedException">Somebody does.</exception>
    /// <exception cref="IOException">The store cannot be used, or does not answer.</exception>
    public async Task LockAsync(Guid id)
    {
        if (store is null)
        {
            return;
        }

        await _locking.WaitAsync().ConfigureAwait(false);
        try
        {
            _id = id;
            _lock ??= await TakeLockAsync(id).ConfigureAwait(false);
        }
        finally
        {
            _locking.Release();
        }
    }

    /// <summary>Nobody else can save or delete the state.</summary>
    public bool IsLocked => _lock is not null;

    /// <summary>As <see cref="LockAsync"/>, to end a session, which is worth more than its state: goes on where the store cannot be used.</summary>
    /// <exception cref="BitsUploadLockedException">Somebody else runs the upload.</exception>
    public async Task TryLockAsync(Guid id)
    {
        try
        {
            await LockAsync(id).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not BitsUploadLockedException)
        {
            Log.StoreUnusable(logger, id, e);
        }
    }

    /// <summary>Whether it is this session that the store knows of, rather than a later one of the same upload.</summary>
    public async Task<bool> HoldsAsync(BitsUploadCheckpoint state)
    {
        if (store is null || _lock is null)
        {
            return false;
        }

        try
        {
            return await LoadAsync(state.Id).ConfigureAwait(false) is { } stored && stored.SessionId == state.SessionId;
        }
        catch (Exception e)
        {
            Log.StoreUnusable(logger, state.Id, e);
            return false;
        }
    }

    /// <summary>Looks whether another process has gone on with the upload since its state was read.</summary>
    /// <exception cref="BitsUploadException">It has: the store knows of another session by now.</exception>
    public async Task ThrowIfMovedOnAsync(UploadState resumed)
    {
        if (store is not null && await LoadAsync(resumed.Identity.Id).ConfigureAwait(false) is { } stored && stored.SessionId != resumed.SessionId)
        {
            throw new BitsUploadException("The upload was resumed elsewhere meanwhile, and has another session now: read its state anew.") { Url = resumed.Url, SessionId = resumed.SessionId };
        }
    }

    /// <summary>Saves in the background if it is time to, and at once if more than the offset changed.</summary>
    public async ValueTask SaveWhenDueAsync(UploadState state)
    {
        if (store is null || !state.IsOpen)
        {
            return;
        }

        if (!IsSameBut(state, _saved) || (_isUnsaved && time.GetElapsedTime(_savedAt) >= Interval))
        {
            await SaveAsync(state).ConfigureAwait(false);
        }
        else if (Done.IsCompleted && time.GetElapsedTime(_savedAt) >= Interval)
        {
            _ = QueueSaveAsync(state);
        }
    }

    /// <summary>Saves now, if a session is open.</summary>
    public async Task SaveAsync(UploadState state)
    {
        if (store is not null && state.IsOpen)
        {
            await WaitAsync(QueueSaveAsync(state)).ConfigureAwait(false);
        }
    }

    /// <summary>The upload was canceled or is done: if nothing is left to resume or to cancel, nothing is kept of it.</summary>
    public async Task SaveOrDeleteAsync(UploadState state)
    {
        if (store is null || state.IsOpen)
        {
            await SaveAsync(state).ConfigureAwait(false);
        }
        else
        {
            await WaitAsync(QueueDeleteAsync(state)).ConfigureAwait(false);
        }
    }

    /// <summary>Lets go of the lock, once the store has done what it was asked for.</summary>
    public async ValueTask DisposeAsync()
    {
        // Two may dispose of a job at once, and the lock is released once.
        if (Interlocked.Exchange(ref _lock, null) is { } held)
        {
            await WaitAsync(QueueAsync(() => TryLetGoAsync(held))).ConfigureAwait(false);
        }

        _locking.Dispose();
    }

    // The offset is the server's to tell when the upload is resumed; all else has to be there.
    private static bool IsSameBut(UploadState state, UploadState? saved) =>
        saved is not null && state.SessionId == saved.SessionId && state.Host == saved.Host && state.MayBeStored == saved.MayBeStored
        && state.Discarding == saved.Discarding && state.ReplyUrl == saved.ReplyUrl && state.ReplyReceived == saved.ReplyReceived;

    private async Task<BitsUploadCheckpoint?> LoadAsync(Guid id)
    {
        try
        {
            return await Task.Run(() => store!.LoadAsync(id).AsTask()).WaitAsync(LongestCall, time).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"The state store did not tell the state of the upload {id} within {MessageText.Of(LongestCall)}.", e);
        }
    }

    private async Task<IAsyncDisposable> TakeLockAsync(Guid id)
    {
        Task<IAsyncDisposable> taking = Task.Run(() => store!.LockAsync(id).AsTask());
        try
        {
            return await taking.WaitAsync(LongestLock, time).ConfigureAwait(false);
        }
        catch (TimeoutException e) when (!taking.IsFaulted)
        {
            _ = LetGoAsync(taking);
            throw new IOException($"The state store gave no lock for the upload {id} within {MessageText.Of(LongestLock)}.", e);
        }
    }

    // Should it come after all, nobody wants it any more.
    private static async Task LetGoAsync(Task<IAsyncDisposable> late)
    {
        IAsyncDisposable held = await late.ConfigureAwait(false);
        await held.DisposeAsync().ConfigureAwait(false);
    }

    private Task QueueSaveAsync(UploadState state)
    {
        lock (_gate)
        {
            // A run that was stopped saves while a cancel may end its session.
            if ((state.SessionId, state.Restarts) == _settled)
            {
                return Task.CompletedTask;
            }

            (_saved, _savedAt) = (state, time.GetTimestamp());
            BitsUploadCheckpoint snapshot = Snapshot(state)!;
            return QueueAsync(() => TrySaveAsync(snapshot));
        }
    }

    private Task QueueDeleteAsync(UploadState state)
    {
        lock (_gate)
        {
            // Not by its name alone, which a server may give to the next one as well.
            _settled = (state.SessionId, state.Restarts);
            return QueueAsync(() => TryDeleteAsync(state));
        }
    }

    private async ValueTask TrySaveAsync(BitsUploadCheckpoint state)
    {
        try
        {
            await store!.SaveAsync(state).ConfigureAwait(false);
            _isUnsaved = false;
        }
        catch (Exception e)
        {
            // Whatever it was to tell is still untold.
            _isUnsaved = true;
            Log.StateNotSaved(logger, state.Id, BitsUrl.Shown(state.Url), e);
        }
    }

    private async ValueTask TryLetGoAsync(IAsyncDisposable held)
    {
        try
        {
            await held.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.LockNotLetGo(logger, _id, e);
        }
    }

    private async ValueTask TryDeleteAsync(UploadState state)
    {
        try
        {
            await store!.DeleteAsync(state.Identity.Id).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.StateNotDeleted(logger, state.Identity.Id, BitsUrl.Shown(state.Url), e);
        }
    }

    private Task QueueAsync(Func<ValueTask> call)
    {
        lock (_gate)
        {
            Task before = _calls;
            return _calls = Task.Run(async () =>
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await call().ConfigureAwait(false);
            });
        }
    }

    private async Task WaitAsync(Task call)
    {
        try
        {
            await call.WaitAsync(LongestCall, time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!call.IsFaulted)
        {
            Log.StoreHangs(logger, _id, LongestCall);
        }
    }
}
