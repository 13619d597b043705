using System.Data.Common;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Storage;
using BitsClient.Queue.Worker;

namespace BitsClient.Queue;

/// <summary>The queue, as its callers see it. Thread-safe.</summary>
internal sealed class BitsUploadQueue(QueueTable table, RunningUploads running, QueueSignals signals, TimeProvider time) : IBitsUploadQueue
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(5);

    public Task InitializeAsync(CancellationToken cancellationToken = default) =>
        table.Database.InitializeAsync(cancellationToken).AsTask();

    public async Task<Guid> EnqueueAsync(BitsUploadRequest request, CancellationToken cancellationToken = default)
    {
        NewEntry entry = NewEntry.Of(request);
        using Activity? activity = QueueTelemetry.StartEnqueue(entry.Id);
        await table.InsertAsync(entry, cancellationToken).ConfigureAwait(false);
        signals.Work.Set();
        return entry.Id;
    }

    public async Task<Guid> EnqueueAsync(
        BitsUploadRequest request, DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        NewEntry entry = NewEntry.Of(request);
        DbConnection connection = ConnectionOf(transaction);
        using Activity? activity = QueueTelemetry.StartEnqueue(entry.Id);
        await table.InsertAsync(entry, connection, transaction, cancellationToken).ConfigureAwait(false);
        return entry.Id;
    }

    public Task<BitsQueuedUpload?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        table.GetAsync(id, cancellationToken);

    public Task<IReadOnlyList<BitsQueuedUpload>> ListAsync(
        BitsQueueStatus? status = null, int limit = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return table.ListAsync(status, limit, cancellationToken);
    }

    public async Task<BitsQueuedUpload> SuspendAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await table.SuspendAsync(id, cancellationToken).ConfigureAwait(false);
        signals.Wanted.Set();
        return await WaitAsync(id, upload => upload.Status is not BitsQueueStatus.Transferring, cancellationToken).ConfigureAwait(false);
    }

    public async Task<BitsQueuedUpload> ResumeAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await table.ResumeAsync(id, cancellationToken).ConfigureAwait(false);
        signals.Work.Set();
        return await ReadAsync(id, cancellationToken).ConfigureAwait(false);
    }

    public async Task<BitsCancelOutcome> CancelAsync(Guid id, CancellationToken cancellationToken = default)
    {
        bool isFirst = true;
        TimeSpan pause = FirstPause;
        while (true)
        {
            BitsQueuedUpload upload = await ReadAsync(id, cancellationToken).ConfigureAwait(false);
            if (upload.Status is BitsQueueStatus.Transferred)
            {
                return BitsCancelOutcome.AlreadyCompleted;
            }

            // Whoever asks again after a cancel that was not confirmed wants another try.
            if (upload is { Status: BitsQueueStatus.Canceled, CancelOutcome: { } outcome } && !(isFirst && upload.HasOpenSession))
            {
                return outcome;
            }

            // It may have got a session since, or lost it: what does not apply has no effect.
            if (await table.TryCancelIdleAsync(id, cancellationToken).ConfigureAwait(false))
            {
                return BitsCancelOutcome.NotStarted;
            }

            if (await table.RequestCancelAsync(id, again: isFirst, cancellationToken).ConfigureAwait(false))
            {
                isFirst = false;
                signals.Wanted.Set();
                signals.Work.Set();
            }

            pause = await PauseAsync(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> ForgetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        if (await table.TryForgetAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        return await table.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } upload
            ? throw new InvalidOperationException(upload switch
            {
                { IsCancelPending: true } => $"The upload {id} is being canceled: a machine that uploads has to end its session first.",
                { IsEnded: true } => $"The session of the upload {id} may still be open on the server. Cancel the upload first.",
                _ => $"The upload {id} has not ended. Cancel it first.",
            })
            : false;
    }

    public Task<int> PurgeAsync(TimeSpan age, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return table.PurgeAsync(age, cancellationToken);
    }

    public Task<BitsQueuedUpload> WaitAsync(Guid id, CancellationToken cancellationToken = default) =>
        WaitAsync(id, upload => upload.IsEnded, cancellationToken);

    public async IAsyncEnumerable<BitsQueuedUpload> WatchAsync(
        Guid id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BitsQueuedUpload? last = null;
        long returnedAt = 0;
        while (last is not { IsEnded: true })
        {
            BitsQueuedUpload now = WithProgress(await ReadAsync(id, cancellationToken).ConfigureAwait(false));
            if (now != last || time.GetElapsedTime(returnedAt) >= MaxSilence)
            {
                last = now;
                returnedAt = time.GetTimestamp();
                yield return now;
            }

            if (!now.IsEnded)
            {
                await Task.Delay(LongestPause / 2, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Some providers keep the connection of a transaction that is over, and would add the upload outside of it.
    private static DbConnection ConnectionOf(DbTransaction transaction)
    {
        try
        {
            _ = transaction.IsolationLevel;
            return transaction.Connection
                ?? throw new ArgumentException("The transaction was committed or rolled back.", nameof(transaction));
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("The transaction was committed or rolled back.", nameof(transaction), e);
        }
    }

    private BitsQueuedUpload WithProgress(BitsQueuedUpload upload) =>
        upload.Status is BitsQueueStatus.Transferring && running.Find(upload.Id)?.Progress.Latest is { } progress
            ? upload with { BytesAcknowledged = progress.BytesAcknowledged, BytesTotal = progress.BytesTotal }
            : upload;

    private async Task<BitsQueuedUpload> WaitAsync(Guid id, Predicate<BitsQueuedUpload> isAwaited, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            BitsQueuedUpload upload = await ReadAsync(id, cancellationToken).ConfigureAwait(false);
            if (isAwaited(upload))
            {
                return upload;
            }

            pause = await PauseAsync(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    // The database tells nobody what has ended, so this asks again, less and less often.
    private async Task<TimeSpan> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        return pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }

    private async Task<BitsQueuedUpload> ReadAsync(Guid id, CancellationToken cancellationToken) =>
        await table.GetAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"The queue has no upload {id}.");
}
