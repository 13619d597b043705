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
    private BitsUploadCheckpoint? _stored;
    private LeaseStore? _store;
    private IBitsUploadClient? _client;
    private IBitsHeaderProvider? _headers;

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
            Prepare();
            ending = _entry.Wanted switch
            {
                Wanted.Cancel => await CancelAsync().ConfigureAwait(false),
                Wanted.Suspend => Stopped(StatusText.Suspended),
                _ => Transferred(await UploadAsync().ConfigureAwait(false)),
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
    /// The row belongs to another process, so nothing of this run can be written any more. If it has opened a session that was never
    /// saved, nobody else could end it.
    /// </summary>
    public async Task EndUnknownSessionAsync()
    {
        if (_store?.Unknown is { } unknown && _client is not null)
        {
            BitsJobOptions options = new() { PrepareRequest = AddHeadersAsync };
            await _client.CancelSessionAsync(unknown, options).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _losing.Dispose();
        Lease.Dispose();
    }

    private void Prepare()
    {
        _stored = _entry.Checkpoint is { } json ? BitsUploadCheckpoint.FromJson(json) : null;
        _store = new LeaseStore(Table, _entry, Lease, _stored);
        _client = _provider.GetKeyedService<IBitsUploadClient>(Request.ClientName) ?? throw new NotOnThisMachineException(
            Request.ClientName.Length == 0
                ? "no BITS upload client is registered; call AddBitsUploadClient."
                : $"no BITS upload client named '{Request.ClientName}' is registered.");
        if (Request.HeaderProvider is { } name)
        {
            _headers = _provider.GetKeyedService<IBitsHeaderProvider>(name)
                ?? throw new NotOnThisMachineException($"no {nameof(IBitsHeaderProvider)} with the key '{name}' is registered.");
        }
    }

    private async Task<BitsUploadResult> UploadAsync()
    {
        BitsUploadSource source = BitsUploadSource.FromFile(Request.Path);
        BitsReplyTarget? reply = Request.ReplyPath is { } path ? BitsReplyTarget.ToFile(path) : null;
        BitsJobOptions options = new()
        {
            Description = Request.Description ?? Request.DisplayName,
            CheckpointStore = _store,
            PrepareRequest = PrepareAsync,
        };
        IBitsUploadJob job = _stored is null
            ? _client!.CreateJob(source, Request.Url, reply, options)
            : _client!.ResumeJob(_stored, source, reply, options);
        await using (job.ConfigureAwait(false))
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
            }
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
        BitsCancelOutcome outcome = _stored is null
            ? BitsCancelOutcome.NotStarted
            : await CancelSessionAsync(_stored).ConfigureAwait(false);
        return Canceled(outcome);
    }

    private Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint) => _client!.CancelSessionAsync(
        checkpoint, new BitsJobOptions { CheckpointStore = _store, PrepareRequest = PrepareAsync });

    private async Task<Ending> EndingOfAsync(Exception failure)
    {
        switch (Reason)
        {
            case StopReason.HostStops or StopReason.LeaseLost:
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
        bool mayPass = FailurePolicy.MayPass(failure);
        if (!mayPass && FailurePolicy.IsSourceGone(failure) && _store?.Current is { } open)
        {
            // If it cannot be ended, the row keeps its checkpoint.
            await ((Task)CancelSessionAsync(open)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Ending stopped = Stopped(StatusText.Error);
        return _failures.Of(failure, mayPass, _entry, stopped);
    }

    private static Ending Transferred(BitsUploadResult result) => new()
    {
        Status = StatusText.Transferred,
        BytesAcknowledged = result.BytesTransferred,
        BytesTotal = result.BytesTransferred,
    };

    private Ending Canceled(BitsCancelOutcome outcome) => Stopped(StatusText.Canceled) with { Outcome = outcome, Error = null };

    // A checkpoint that could not be read stays as it is.
    private Ending Stopped(string status)
    {
        BitsUploadCheckpoint? current = _store?.Current;
        return new Ending
        {
            Status = status,
            Error = _entry.Upload.Error,
            Failures = _entry.Failures,
            Checkpoint = _store is null ? _entry.Checkpoint : current?.ToJson(),
            BytesAcknowledged = current?.BytesAcknowledged ?? Progress.Latest?.BytesAcknowledged ?? _entry.Upload.BytesAcknowledged,
            BytesTotal = current?.BytesTotal ?? _entry.Upload.BytesTotal,
        };
    }
}
