using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Worker;

/// <summary>
/// Claims uploads while there is room, runs them, and writes how they ended. When the host stops, it puts them back, and another process
/// continues.
/// </summary>
internal sealed class QueueWorker(
    QueueDatabase database, LeaseTable table, RunningUploads running, QueueSignals signals, Heartbeat heartbeat, ObserverCalls observers,
    FailurePolicy failures, BitsUploadQueueOptions options, IServiceProvider provider, ILogger<QueueWorker> logger, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxWriteTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxStopTime = TimeSpan.FromSeconds(4.5);

    private readonly CancellationTokenSource _ended = new();
    private readonly Outage _outage = new(logger);
    private bool _hasClaimed;
    private IDisposable? _reservation;

    /// <summary>Reserves and initializes the database. One that is away for now does not keep the host from starting.</summary>
    /// <exception cref="BitsQueueException">The database will not do, or another process uploads from it.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.MaxConcurrentUploads > 0)
        {
            _reservation = database.TryTakeForWorker() ?? throw new BitsQueueException(
                "Another process uploads from this SQLite queue. Only one can; stop it, or set "
                + $"{nameof(BitsUploadQueueOptions.MaxConcurrentUploads)} to 0 in this one. Several need a queue in PostgreSQL.");
            try
            {
                await database.InitializeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (BitsQueueException e) when (e.IsTransient)
            {
                _outage.Begin(e);
            }
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _reservation?.Dispose();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.MaxConcurrentUploads == 0)
        {
            return;
        }

        // Not only when the host stops this service: it stops one after another, and another one may be waiting for an upload.
        CancellationToken hostStopping = provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, hostStopping);
        using CancellationTokenRegistration limited = stop.Token.UnsafeRegister(_ => _ended.CancelAfter(MaxWriteTime), state: null);
        Task beating = heartbeat.RunAsync(_ended.Token);
        Task observing = observers.CatchUpAsync(stop.Token);
        Task listening = ListenAsync(stop.Token);
        try
        {
            await TakeOverAsync(stop.Token).ConfigureAwait(false);
            await ClaimAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            await StopRunsAsync().ConfigureAwait(false);
            await Task.WhenAll(beating, observing, listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopRunsAsync()
    {
        foreach (UploadRun run in running.Runs)
        {
            run.Stop(StopReason.HostStops);
        }

        // What does not end now, or cannot be written, is continued when its lease has ended.
        await running.Ended.WaitAsync(MaxStopTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ended.CancelAsync().ConfigureAwait(false);
    }

    // With SQLite, nobody else can be uploading.
    private async Task TakeOverAsync(CancellationToken stoppingToken)
    {
        while (database.IsForOneWorker)
        {
            try
            {
                await table.TakeOverAsync(stoppingToken).ConfigureAwait(false);
                return;
            }
            catch (BitsQueueException e)
            {
                _outage.Begin(e);
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ClaimAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            bool hasClaimed = false;
            try
            {
                int room = options.MaxConcurrentUploads - running.Count;
                if (room > 0)
                {
                    hasClaimed = await TryClaimAsync(room).ConfigureAwait(false);
                    _outage.End();
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _outage.Begin(e);
            }

            if (!hasClaimed)
            {
                await signals.Work.WaitAsync(options.PollInterval, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    // Where origins are limited, one at a time: which of them are full depends on what was claimed before.
    // A stop does not interrupt it, because what was claimed has to be put back.
    private async Task<bool> TryClaimAsync(int room)
    {
        (int limit, IReadOnlyCollection<string> full) = options.MaxConcurrentUploadsPerOrigin is { } perOrigin
            ? (1, running.OriginsWith(perOrigin))
            : (room, []);
        long askedAt = time.GetTimestamp();
        List<QueueEntry> claimed =
            await table.ClaimAsync(limit, running.Ids, full, options.Lease, _ended.Token).ConfigureAwait(false);
        if (!_hasClaimed)
        {
            _hasClaimed = true;
            QueueLog.Started(logger, options.MaxConcurrentUploads);
        }

        foreach (QueueEntry entry in claimed)
        {
            Begin(entry, askedAt);
        }

        return claimed.Count > 0;
    }

    // Its lease is as old as the question.
    private void Begin(QueueEntry entry, long askedAt)
    {
        UploadRun run = new(entry, new Lease(options.Lease, askedAt, time), table, provider, failures);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        running.Add(run, ended.Task);
        _ = Task.Run(() => RunAsync(run, entry, ended), CancellationToken.None);
    }

    private async Task RunAsync(UploadRun run, QueueEntry entry, TaskCompletionSource ended)
    {
        QueueEntry? now = null;
        try
        {
            QueueLog.Begun(logger, entry);
            Ending ending = await run.RunAsync().ConfigureAwait(false);
            now = await WriteAsync(run, ending).ConfigureAwait(false);
            if (now is null)
            {
                QueueLog.Lost(logger, entry.Upload.Id);
            }
            else
            {
                QueueLog.Ended(logger, entry.Upload.Request.Path, entry.Upload.Id, ending);
            }
        }
        catch (Exception e)
        {
            QueueLog.RunFailed(logger, entry.Upload.Id, e);
        }
        finally
        {
            running.Remove(run, ended.Task);
            run.Dispose();
            ended.SetResult();
            signals.Work.Set();
        }

        if (now is { Upload.Status: not BitsQueueStatus.Queued } && observers.Limit is not null)
        {
            await observers.TellAsync(now, _ended.Token).ConfigureAwait(false);
        }
    }

    // While the database is away, the end of a run is tried again, because it must not be forgotten. Null if the row is another's.
    private async Task<QueueEntry?> WriteAsync(UploadRun run, Ending ending)
    {
        bool wasAway = false;
        while (true)
        {
            try
            {
                QueueEntry? now =
                    await table.EndAsync(run.Id, run.Fence, ending, observers.Limit, _ended.Token).ConfigureAwait(false);
                return now ?? await FindAsync(run).ConfigureAwait(false);
            }
            catch (BitsQueueException e)
            {
                if (!wasAway)
                {
                    QueueLog.EndNotWritten(logger, run.Id, e);
                }

                wasAway = true;
                await Task.Delay(RetryAfter, time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The host has to stop now.
                await run.EndUnknownSessionAsync(row: null).ConfigureAwait(false);
                throw;
            }
        }
    }

    // Either the answer to an earlier write was lost, or another process has claimed the upload.
    private async Task<QueueEntry?> FindAsync(UploadRun run)
    {
        QueueEntry? row = await table.FindAsync(run.Id, _ended.Token).ConfigureAwait(false);
        if (row?.Fence == run.Fence)
        {
            return row;
        }

        await run.EndUnknownSessionAsync(row).ConfigureAwait(false);
        return null;
    }

    // A hint that is lost costs no more than a poll.
    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        while (!database.IsForOneWorker)
        {
            try
            {
                await database.ListenAsync(signals.Hinted, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                QueueLog.NotListening(logger, e);
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(false);
            }
        }
    }
}
