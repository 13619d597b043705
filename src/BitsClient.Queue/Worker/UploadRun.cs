using System.Diagnostics;
using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace BitsClient.Queue.Worker;

/// <summary>One run of an upload that this process has claimed: uploads, or ends its session, and says how it ended.</summary>
/// <remarks>
/// The first reason to stop counts, because a run that is being suspended cannot be canceled any more; what was asked for later is still in
/// the row, and is done by whoever claims it next. Thread-safe.
/// </remarks>
internal sealed class UploadRun : IDisposable
{
    private readonly QueueEntry _entry;
    private readonly IServiceProvider _provider;
    private readonly FailurePolicy _failures;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _losing;
    private int _reason;
    private LeaseStore? _store;
    private IBitsUploadClient? _client;
    private IBitsHeaderProvider? _headers;

    // The sessions that are open now.
    private BitsUploadCheckpoint? _open;

    public UploadRun(QueueEntry entry, Lease lease, LeaseTable table, IServiceProvider provider, FailurePolicy failures)
    {
        _entry = entry;
        _provider = provider;
        _failures = failures;
        Lease = lease;
        Table = table;
        Origin = QueueTable.OriginOf(entry.Upload.Request.Url);
        _losing = lease.Lost.UnsafeRegister(static run => ((UploadRun)run!).Stop(StopReason.LeaseLost), this);
    }

    public Guid Id => _entry.Upload.Id;

    public long Fence => _entry.Fence;

    public string Origin { get; }

    public Lease Lease { get; }

    /// <summary>The newest report of the run; null before the first one.</summary>
    public LatestProgress Progress { get; } = new();

    private LeaseTable Table { get; }

    private BitsUploadRequest Request => _entry.Upload.Request;

    private StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    /// <summary>Stops the run. The session stays open, unless the reason is a cancel.</summary>
    public void Stop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None) == (int)StopReason.None)
        {
            // Its callbacks stop a job, which sends packets, so they run elsewhere.
            _ = _stop.CancelAsync();
        }
    }

    /// <summary>Runs the upload until it has ended or is stopped. Does not throw.</summary>
    public async Task<Ending> RunAsync()
    {
        using Activity? activity = QueueTelemetry.StartRun(_entry);
        Ending ending;
        try
        {
            ending = _entry.Wanted switch
            {
                Wanted.Suspend => Stopped(StatusText.Suspended),
                Wanted.Cancel when _entry.Checkpoint is null => Canceled(BitsCancelOutcome.NotStarted),
                Wanted.Cancel => await CancelAsync().ConfigureAwait(false),
                _ => await UploadAsync().ConfigureAwait(false),
            };
        }
        catch (Exception e)
        {
            ending = await EndingOfAsync(e).ConfigureAwait(false);
        }

        QueueTelemetry.EndRun(activity, ending);
        return ending;
    }

    /// <summary>
    /// Ends the session that this run has opened and that was never saved, once nothing of the run can be written any more: nobody else
    /// could end it.
    /// </summary>
    /// <param name="row">The row as it is now; null if it is gone, or cannot be read.</param>
    public async Task EndUnknownSessionAsync(QueueEntry? row)
    {
        // The answer to a save may have been lost.
        if (_open is { SessionId: { } session } unknown && !_store!.HasSaved(session)
            && row?.Checkpoint?.Contains(session, StringComparison.Ordinal) != true)
        {
            await _client!.CancelSessionAsync(unknown, new BitsJobOptions { PrepareRequest = AddHeadersAsync }).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _losing.Dispose();
        Lease.Dispose();
    }

    // What fails here may be there on another machine.
    private void Prepare()
    {
        BitsUploadCheckpoint? stored = _entry.Checkpoint is { } json ? BitsUploadCheckpoint.FromJson(json) : null;
        _client = Resolve<IBitsUploadClient>(
            Request.ClientName, Request.ClientName.Length == 0 ? "BITS upload client" : $"BITS upload client named '{Request.ClientName}'");
        _headers = Request.HeaderProvider is { } name
            ? Resolve<IBitsHeaderProvider>(name, $"{nameof(IBitsHeaderProvider)} with the key '{name}'")
            : null;
        _store = new LeaseStore(Table, _entry, Lease, stored);
        _open = stored;
    }

    private T Resolve<T>(string key, string what)
        where T : class
    {
        try
        {
            return _provider.GetKeyedService<T>(key) ?? throw new NotOnThisMachineException($"No {what} is registered.");
        }
        catch (Exception e) when (e is not NotOnThisMachineException)
        {
            throw new NotOnThisMachineException($"The {what} cannot be created: {e.Message}", e);
        }
    }

    private async Task<Ending> UploadAsync()
    {
        Prepare();
        BitsUploadSource source = BitsUploadSource.FromFile(Request.Path);
        BitsReplyTarget? reply = Request.ReplyPath is { } path ? BitsReplyTarget.ToFile(path) : null;
        BitsJobOptions options = new()
        {
            Description = Request.Description ?? Request.DisplayName,
            CheckpointStore = _store,
            PrepareRequest = PrepareAsync,
        };
        IBitsUploadJob job = _open is null
            ? _client!.CreateJob(source, Request.Url, reply, options)
            : _client!.ResumeJob(_open, source, reply, options);
        await using (job.ConfigureAwait(false))
        {
            BitsUploadResult result = await RunAsync(job).ConfigureAwait(false);
            if (_open is { } left)
            {
                // Earlier sessions of the upload, which it could not end.
                await CancelSessionAsync(left).ConfigureAwait(false);
            }

            return Stopped(StatusText.Transferred) with
            {
                Error = null,
                Failures = 0,
                BytesAcknowledged = result.BytesTransferred,
                BytesTotal = result.BytesTransferred,
            };
        }
    }

    private async Task<BitsUploadResult> RunAsync(IBitsUploadJob job)
    {
        Task<BitsUploadResult> running = job.RunAsync(Progress, CancellationToken.None);

        // After the run has begun, because a job that was stopped cannot be run.
        Task stopping = Task.CompletedTask;
        using CancellationTokenRegistration stopped = _stop.Token.UnsafeRegister(_ => stopping = StopAsync(job), state: null);
        try
        {
            return await running.ConfigureAwait(false);
        }
        finally
        {
            await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _open = job.Checkpoint;
        }
    }

    // Disposing a job keeps its session.
    private async Task StopAsync(IBitsUploadJob job)
    {
        if (Reason is StopReason.Cancel)
        {
            await job.CancelAsync().ConfigureAwait(false);
        }
        else
        {
            await job.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The lease is looked at before each packet: a process that was stopped for a while must not send one more.
    private ValueTask PrepareAsync(BitsRequestContext request, CancellationToken cancellationToken) =>
        Lease.IsHeld
            ? AddHeadersAsync(request, cancellationToken)
            : throw new InvalidOperationException("the upload may belong to another process now.");

    private ValueTask AddHeadersAsync(BitsRequestContext request, CancellationToken cancellationToken) =>
        _headers?.AddHeadersAsync(_entry.Upload, request, cancellationToken) ?? ValueTask.CompletedTask;

    // What an earlier run has left open.
    private async Task<Ending> CancelAsync()
    {
        Prepare();
        return Canceled(await CancelSessionAsync(_open!).ConfigureAwait(false));
    }

    private async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint)
    {
        BitsCancelOutcome outcome = await _client!.CancelSessionAsync(
            checkpoint, new BitsJobOptions { CheckpointStore = _store, PrepareRequest = PrepareAsync }).ConfigureAwait(false);
        _open = outcome is BitsCancelOutcome.Unconfirmed ? _store!.Current ?? checkpoint : _store!.Current;
        return outcome;
    }

    private async Task<Ending> EndingOfAsync(Exception failure)
    {
        switch (Reason)
        {
            case StopReason.HostStops or StopReason.LeaseLost:
            case StopReason.None when !Lease.IsHeld:
                return Stopped(StatusText.Queued);
            case StopReason.Suspend:
                return Stopped(StatusText.Suspended);
            case StopReason.Cancel when failure is BitsUploadCanceledException canceled:
                return Canceled(canceled.Outcome);
            default:
                return await FailedAsync(failure).ConfigureAwait(false);
        }
    }

    private async Task<Ending> FailedAsync(Exception failure)
    {
        if (FailurePolicy.IsSourceGone(failure) && _open is { } open)
        {
            // If it cannot be ended, the row keeps its checkpoint.
            await ((Task)CancelSessionAsync(open)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _failures.Of(failure, _entry, Stopped(StatusText.Error));
    }

    // What could not be confirmed because the upload may belong to another process is left to that one.
    private Ending Canceled(BitsCancelOutcome outcome) => outcome is BitsCancelOutcome.Unconfirmed && !Lease.IsHeld
        ? Stopped(StatusText.Queued)
        : Stopped(StatusText.Canceled) with { Outcome = outcome, Error = null };

    // A checkpoint that could not be read stays as it is.
    private Ending Stopped(string status)
    {
        long acknowledged = _open?.BytesAcknowledged ?? Progress.Latest?.BytesAcknowledged ?? _entry.Upload.BytesAcknowledged;
        bool hasProgressed = acknowledged > _entry.Upload.BytesAcknowledged;
        return new Ending
        {
            Status = status,
            KnownWish = _entry.Wanted,
            Error = hasProgressed ? null : _entry.Upload.Error,
            Failures = hasProgressed ? 0 : _entry.Failures,
            HasProgressed = hasProgressed,
            Checkpoint = _store is null ? _entry.Checkpoint : _open?.ToJson(),
            BytesAcknowledged = acknowledged,
            BytesTotal = _open?.BytesTotal ?? _entry.Upload.BytesTotal,
        };
    }
}
