using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Sessions;
using Microsoft.Extensions.Logging;

namespace BitsClient.Persistence;

/// <summary>
/// Keeps the state of one upload in a store, if there is one: after each ack, not too often, and at once where something but the offset changed. A save that fails is
/// logged, and the upload goes on: the state that was there before is still there. One call at a time, but for <see cref="Snapshot"/>.
/// </summary>
internal sealed class StateKeeper(IBitsUploadStateStore? store, SourceHash? hash, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _locking = new(1);
    private IAsyncDisposable? _lock;
    private SessionState? _saved;
    private long _savedAt;
    private Task _saving = Task.CompletedTask;

    /// <summary>The facts of the session that is open; null when none is.</summary>
    public BitsUploadState? Snapshot(SessionState state)
    {
        BitsUploadState? open = state.Snapshot();
        if (open is null)
        {
            return null;
        }

        BitsSourceFingerprint? source = open.Source;
        if (hash is not null && source is not null)
        {
            (long length, string sha256) = hash.Current;
            source = source with { PrefixLength = length, PrefixSha256 = sha256 };
        }

        return open with { Source = source, UpdatedAt = time.GetUtcNow() };
    }

    /// <summary>Makes sure that nobody else runs the upload, until this is disposed of.</summary>
    /// <exception cref="BitsUploadLockedException">Somebody does.</exception>
    public async Task LockAsync(Guid id)
    {
        if (store is null)
        {
            return;
        }

        await _locking.WaitAsync().ConfigureAwait(false);
        try
        {
            _lock ??= await store.LockAsync(id).ConfigureAwait(false);
        }
        finally
        {
            _locking.Release();
        }
    }

    /// <summary>Saves in the background if it is time to, and at once if more than the offset changed.</summary>
    public async ValueTask KeepAsync(SessionState state)
    {
        if (store is null || !state.IsOpen)
        {
            return;
        }

        if (!IsSameBut(state, _saved))
        {
            await SaveAsync(state).ConfigureAwait(false);
        }
        else if (_saving.IsCompleted && time.GetElapsedTime(_savedAt) >= Interval)
        {
            Begin(state);
        }
    }

    /// <summary>Saves now, if a session is open.</summary>
    public async Task SaveAsync(SessionState state)
    {
        if (store is null || !state.IsOpen)
        {
            return;
        }

        await _saving.ConfigureAwait(false);
        Begin(state);
        await _saving.ConfigureAwait(false);
    }

    /// <summary>The upload was cancelled or is done: if nothing is left to resume or to cancel, nothing is kept of it.</summary>
    public async Task SettleAsync(SessionState state)
    {
        if (store is null || state.IsOpen)
        {
            await SaveAsync(state).ConfigureAwait(false);
            return;
        }

        await _saving.ConfigureAwait(false);
        try
        {
            await store.DeleteAsync(state.Identity.Id).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.StateNotDeleted(logger, state.Identity.Id, BitsUrl.Shown(state.Url), e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _saving.ConfigureAwait(false);
        if (_lock is { } held)
        {
            _lock = null;
            await held.DisposeAsync().ConfigureAwait(false);
        }

        _locking.Dispose();
    }

    // The offset is the server's to tell when the upload is resumed; all else has to be there.
    private static bool IsSameBut(SessionState state, SessionState? saved) =>
        saved is not null && state.SessionId == saved.SessionId && state.Host == saved.Host && state.MayBeStored == saved.MayBeStored
        && state.Discarding == saved.Discarding && state.ReplyUrl == saved.ReplyUrl && state.ReplyReceived == saved.ReplyReceived;

    private void Begin(SessionState state)
    {
        (_saved, _savedAt) = (state, time.GetTimestamp());
        BitsUploadState snapshot = Snapshot(state)!;
        _saving = Task.Run(() => TrySaveAsync(snapshot));
    }

    private async Task TrySaveAsync(BitsUploadState state)
    {
        try
        {
            await store!.SaveAsync(state).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.StateNotSaved(logger, state.Id, BitsUrl.Shown(state.Url), e);
        }
    }
}
