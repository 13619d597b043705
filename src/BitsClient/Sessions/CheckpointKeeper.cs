using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>
/// Saves the checkpoint of one upload in a store, if there is one: after each ack, while the next fragment is sent. A save that fails is
/// logged, and the upload continues; the previous checkpoint is still there, if any.
/// </summary>
/// <remarks>
/// Thread-safe: the loop, a cancel and the store's queue use it at the same time. The lock is held while a call is added to the queue, so
/// that calls are made in the order they were decided; the locks of the hash and the queue are taken inside it.
/// </remarks>
internal sealed class CheckpointKeeper(IBitsCheckpointStore? store, Guid id, SourceHash? hash, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly UploadLock? _lock = store is null ? null : new UploadLock(store, id, time, logger);
    private readonly SentCeiling _ceiling = new(isExact: hash is { MustCoverSent: true });
    private readonly StoreQueue _queue = new(id, time, logger);
    private UploadState? _saved;
    private BitsUploadCheckpoint? _newest;
    private (string? SessionId, int Number)? _deleted;
    private bool _isUnsaved;

    public bool HasStore => store is not null;

    /// <summary>Completes when the store has finished everything it was asked for so far.</summary>
    public Task Done => _queue.Done;

    /// <summary>No other job or process can save or delete the checkpoint.</summary>
    public bool IsLocked => _lock is { IsHeld: true };

    /// <summary>The checkpoint of the session that is open; null if none is.</summary>
    public BitsUploadCheckpoint? Snapshot(UploadState state) => CheckpointMapping.ToCheckpoint(state) is { } open
        ? open with
        {
            Source = open.Source is { } known && hash is not null ? hash.AddTo(known) : open.Source,
            UpdatedAt = time.GetUtcNow(),
        }
        : null;

    /// <summary>Ensures that no other job or process runs the upload, until this is disposed.</summary>
    /// <exception cref="BitsUploadLockedException">Another process or job runs it.</exception>
    /// <exception cref="IOException">The store cannot be used, or does not respond.</exception>
    public Task LockAsync()
    {
        AllowSaves();
        return _lock?.TakeAsync() ?? Task.CompletedTask;
    }

    /// <summary>The same, to end a session, which matters more than its checkpoint: continues if the store cannot be used.</summary>
    /// <exception cref="BitsUploadLockedException">Another process or job runs the upload.</exception>
    public Task TryLockAsync()
    {
        AllowSaves();
        return _lock?.TryTakeAsync() ?? Task.CompletedTask;
    }

    /// <summary>The store's checkpoint of the same session, which may be newer; null if there is none, or one of a later session.</summary>
    public async Task<BitsUploadCheckpoint?> LoadSameAsync(BitsUploadCheckpoint checkpoint)
    {
        BitsUploadCheckpoint? stored = store is null || !IsLocked ? null : await _queue.TryLoadAsync(store).ConfigureAwait(false);
        return stored?.SessionId == checkpoint.SessionId ? stored : null;
    }

    /// <summary>
    /// The store's checkpoint of the upload, which another process may have continued since its checkpoint was read; null if it has none.
    /// </summary>
    /// <exception cref="BitsUploadException">The store has another session; or none, although it must.</exception>
    public async Task<BitsUploadCheckpoint?> LoadLatestAsync(UploadState resumed, bool mustBeStored)
    {
        BitsUploadCheckpoint? stored = store is null ? null : await _queue.LoadAsync(store).ConfigureAwait(false);
        if (stored is null ? mustBeStored && store is not null : stored.SessionId != resumed.Session?.Id)
        {
            throw Failure.OfOutdatedCheckpoint(resumed.Url, resumed.Session?.Id, isStored: stored is not null);
        }

        return stored;
    }

    /// <summary>
    /// Saves what an ack has changed, once the previous save is complete, so that no fragment is begun while the store is more than one
    /// fragment behind. Waits for the save only if more than the offset changed, if the previous one failed, or if it has no acknowledged
    /// bytes yet: without any, there is nothing to probe, and a crash would cost the session. The first save of a small new upload is made
    /// while its only fragment is sent.
    /// </summary>
    public async ValueTask SaveAckedAsync(UploadState state)
    {
        if (store is null || !state.IsAnyOpen || TrySaveBeside(store, state))
        {
            return;
        }

        await DoneAsync().ConfigureAwait(false);
        Task save;
        lock (_gate)
        {
            bool isOffset = CheckpointMapping.DiffersOnlyInOffset(state, _saved);
            if (isOffset && _queue.IsHanging)
            {
                return;
            }

            bool isFirst = _saved is { Acknowledged: 0 };
            save = AddSaveAsync(store, state, isExact: false);
            if (isOffset && !isFirst && !_isUnsaved)
            {
                return;
            }
        }

        await _queue.WaitAsync(save).ConfigureAwait(false);
    }

    /// <summary>
    /// Ensures that the saved checkpoint covers the fragment that is about to be sent, so that after a crash no server is believed that
    /// claims to have more.
    /// </summary>
    public async ValueTask CoverAsync(UploadState sending)
    {
        if (store is null)
        {
            return;
        }

        Task save;
        lock (_gate)
        {
            if (_ceiling.Covers(sending) || _queue.IsHanging)
            {
                return;
            }

            save = AddSaveAsync(store, sending, isExact: false);
        }

        await _queue.WaitAsync(save).ConfigureAwait(false);
    }

    /// <summary>Saves now exactly what is known, if a session is open.</summary>
    public Task SaveAsync(UploadState state) =>
        store is null || !state.IsAnyOpen ? Task.CompletedTask : _queue.WaitAsync(AddExactSaveAsync(store, state));

    /// <summary>The same before Close-Session, unless what is saved has it already. Waits for what is being saved.</summary>
    public async Task SaveCompleteAsync(UploadState state)
    {
        await DoneAsync().ConfigureAwait(false);
        if (!IsSaved(state))
        {
            await SaveAsync(state).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The upload was canceled or is done: deletes the checkpoint if nothing is left to resume or to cancel, and saves it otherwise.
    /// </summary>
    public async Task SaveOrDeleteAsync(UploadState state)
    {
        if (store is null || state.IsAnyOpen)
        {
            await SaveAsync(state).ConfigureAwait(false);
        }
        else
        {
            await _queue.WaitAsync(AddDeleteAsync(store, state)).ConfigureAwait(false);
        }
    }

    /// <summary>Releases the lock, once the store has finished what it was asked for.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_lock?.TakeRelease() is { } release)
        {
            await _queue.WaitAsync(_queue.AddAsync(release)).ConfigureAwait(false);
        }

        _lock?.Dispose();
    }

    // What is already hanging is not waited for again.
    private Task DoneAsync() => _queue.IsHanging ? Task.CompletedTask : _queue.WaitAsync(Done);

    private void AllowSaves()
    {
        lock (_gate)
        {
            _deleted = null;
        }
    }

    // The only fragment of a new upload is sent while its session is saved. Until then, the store has nothing of the upload that could be
    // wrong. True if there is nothing to wait for.
    private bool TrySaveBeside(IBitsCheckpointStore to, UploadState state)
    {
        lock (_gate)
        {
            if (_saved is null && _ceiling.IsNewAndWhole(state))
            {
                _ = AddSaveAsync(to, state, isExact: false);
                _ceiling.Saved(state, _newest!);
                return true;
            }

            return IsCompletionCovered(state);
        }
    }

    private bool IsSaved(UploadState state)
    {
        lock (_gate)
        {
            return IsCompletionCovered(state)
                || (CheckpointMapping.DiffersOnlyInOffset(state, _saved) && _saved!.Offset == state.Offset && !_isUnsaved);
        }
    }

    private bool IsCompletionCovered(UploadState state) =>
        _ceiling.CoversCompletion(state) && CheckpointMapping.DiffersOnlyInProgress(state, _saved);

    private Task AddExactSaveAsync(IBitsCheckpointStore to, UploadState state)
    {
        lock (_gate)
        {
            return AddSaveAsync(to, state, isExact: true);
        }
    }

    // Called under the lock. An exact checkpoint covers nothing that is sent later.
    private Task AddSaveAsync(IBitsCheckpointStore to, UploadState state, bool isExact)
    {
        // A run that was stopped saves while a cancel may already have ended its session.
        if (state.SessionKey == _deleted)
        {
            return Task.CompletedTask;
        }

        _saved = state;
        BitsUploadCheckpoint exact = Snapshot(state)!;
        BitsUploadCheckpoint checkpoint = isExact ? exact : _ceiling.Ahead(state, exact);
        if (isExact)
        {
            _ceiling.Drop();
        }

        _newest = checkpoint;
        return _queue.AddAsync(() => TrySaveAsync(to, checkpoint, state, isExact));
    }

    private Task AddDeleteAsync(IBitsCheckpointStore from, UploadState state)
    {
        lock (_gate)
        {
            _deleted = state.SessionKey;
            return _queue.AddDeleteAsync(from, state.Url);
        }
    }

    private async ValueTask TrySaveAsync(
        IBitsCheckpointStore to, BitsUploadCheckpoint checkpoint, UploadState state, bool isExact)
    {
        Exception? error = null;
        try
        {
            await to.SaveAsync(checkpoint).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        bool isNew;
        lock (_gate)
        {
            isNew = error is not null && (isExact || !_isUnsaved);
            _isUnsaved = error is not null;
            if (error is not null)
            {
                _ceiling.Drop();
            }
            else if (ReferenceEquals(checkpoint, _newest))
            {
                // Otherwise a later checkpoint is about to replace it, which may be an exact one.
                _ceiling.Saved(state, checkpoint);
            }
        }

        // A disk that is full would otherwise fill the log.
        if (isNew)
        {
            Log.CheckpointNotSaved(logger, id, BitsUrl.Shown(checkpoint.Url), error!);
        }
    }
}
