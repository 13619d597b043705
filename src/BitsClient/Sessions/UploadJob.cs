using System.Runtime.ExceptionServices;
using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>
/// One upload: run it, cancel it, look how it stands. Every member may be called from any thread at any moment. Disposing of a job that still runs stops
/// it but keeps the server's session; cancel it first if nobody will continue it.
/// </summary>
internal sealed class UploadJob : IBitsUploadJob
{
    private readonly PacketExchange _session;
    private readonly BitsUploadSource _source;
    private readonly BitsReplyTarget? _reply;
    private readonly ClientContext _environment;
    private readonly UploadLoop _driver;
    private readonly SessionCancellation _cancellation;
    private readonly Suspension _suspension;
    private readonly SourceHash? _hash;
    private readonly CheckpointKeeper _keeper;

    // Guards the fields below. One request of the session is in flight at a time, because the loop ends before a cancel begins.
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Task _run = Task.CompletedTask;
    private Task<CancelResult>? _canceling;
    private bool _failed;
    private bool _isKept;
    private bool _disposed;
    private long? _startedAt;

    public UploadJob(ClientContext environment, UploadState state, BitsUploadSource source, BitsReplyTarget? reply)
    {
        _environment = environment;
        _session = environment.ExchangeOf(state with
        {
            ContentName = source.Name is null ? null : BitsContentName.Of(source.Name),
            FragmentSize = environment.Options.InitialFragmentSize,
        });
        _source = source;
        _reply = reply;
        _suspension = new Suspension(environment.Time);
        _hash = environment.Options.ComputeSha256 || state.Identity.Source?.PrefixSha256 is not null ? new SourceHash(source, state.Identity.Source) : null;
        _keeper = environment.KeeperOf(_hash);
        _driver = new UploadLoop(_session, source, reply, environment, _suspension, _keeper, _hash);
        _cancellation = new SessionCancellation(_session, environment);
    }

    /// <inheritdoc />
    public Guid Id => _session.State.Identity.Id;

    /// <inheritdoc />
    public Uri Url => _session.State.Url;

    /// <inheritdoc />
    public string? SessionId => _session.State.SessionId;

    /// <inheritdoc />
    public BitsUploadCheckpoint? Checkpoint => _keeper.Snapshot(_session.State);

    /// <inheritdoc />
    public BitsUploadStatus Status
    {
        get
        {
            lock (_gate)
            {
                UploadState state = _session.State;
                return state.Closed ? BitsUploadStatus.Acknowledged
                    : _canceling is { IsCompletedSuccessfully: true } ? BitsUploadStatus.Canceled
                    : _failed ? BitsUploadStatus.Error
                    : _isKept || _suspension.IsStandingStill ? BitsUploadStatus.Suspended
                    : _startedAt is null ? BitsUploadStatus.Queued
                    : _driver.IsWaiting ? BitsUploadStatus.TransientError
                    : ProgressReporter.StatusOf(state);
            }
        }
    }

    /// <inheritdoc />
    public async Task<BitsUploadResult> RunAsync(IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        TaskCompletionSource loop = Begin(out TaskCompletionSource run);
        try
        {
            return await RunToEndAsync(loop, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            loop.TrySetResult();
            run.SetResult();
        }
    }

    /// <inheritdoc />
    public Task SuspendAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
        }

        return _suspension.SuspendAsync();
    }

    /// <inheritdoc />
    public Task ResumeAsync()
    {
        _suspension.Resume();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelAsync()
    {
        CancelResult report = await CancelOnceAsync(byCaller: true).ConfigureAwait(false);
        return report.Outcome;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task run;
        Task? canceling;
        lock (_gate)
        {
            _disposed = true;
            (run, canceling) = (_run, _canceling);
        }

        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await run.ConfigureAwait(false);
        if (canceling is not null)
        {
            // If it failed, it told whoever asked for it.
            await canceling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _keeper.DisposeAsync().ConfigureAwait(false);
        _suspension.Dispose();
        _hash?.Dispose();
        _source.Dispose();
        _reply?.Dispose();
    }

    private TaskCompletionSource Begin(out TaskCompletionSource run)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_run.IsCompleted)
            {
                throw new InvalidOperationException("The job is running already.");
            }

            if (_session.State.Closed)
            {
                throw new InvalidOperationException("The job has completed.");
            }

            TaskCompletionSource loop = new(TaskCreationOptions.RunContinuationsAsynchronously);
            run = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_loop, _run) = (loop.Task, run.Task);
            (_failed, _isKept) = (false, false);
            _startedAt ??= _environment.Time.GetTimestamp();
            return loop;
        }
    }

    private async Task<BitsUploadResult> RunToEndAsync(TaskCompletionSource loop, IProgress<BitsUploadProgress>? progress, CancellationToken cancellationToken)
    {
        await LockAsync().ConfigureAwait(false);
        using ProgressReporter reporter = new(progress, _environment.Options.ProgressInterval, _environment.Time, _environment.Logger);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        Exception? failure = null;
        try
        {
            await RunLoopAsync(reporter, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What it means depends on whether somebody wanted the end; the loop has to be known as over before that is looked into.
            failure = e;
            _reply?.Abandon();
        }

        loop.SetResult();
        if (failure is not null && !stop.IsCancellationRequested)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        else if (failure is not null)
        {
            await EndStoppedAsync(failure, cancellationToken).ConfigureAwait(false);
        }

        await _keeper.SaveOrDeleteAsync(_session.State).ConfigureAwait(false);
        reporter.Complete(_session.State);
        return BitsUploadResult.Of(_session.State, _reply, _hash?.Whole, _environment.Time.GetElapsedTime(_startedAt!.Value));
    }

    private async Task LockAsync()
    {
        try
        {
            await _keeper.LockAsync(Id).ConfigureAwait(false);
            if (_session.State.Resumed)
            {
                await _keeper.ThrowIfMovedOnAsync(_session.State).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            SetFailed();
            throw;
        }
    }

    private async Task RunLoopAsync(ProgressReporter reporter, CancellationTokenSource stop)
    {
        if (IsCanceling())
        {
            // A cancel that came first waits for no loop but those before: this one must not send anything.
            await stop.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            await _driver.RunAsync(reporter, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            await FailAsync(e).ConfigureAwait(false);
        }
        finally
        {
            _suspension.End();
        }
    }

    /// <summary>Returns only where the session could still be closed, so that nothing failed after all.</summary>
    private async Task FailAsync(Exception failure)
    {
        UploadState state = _session.State;
        BitsUploadException? failed = failure as BitsUploadException;
        Log.Failed(_environment.Logger, BitsUrl.Shown(state.Url), failed?.PacketType, state.Acknowledged, state.Total, MessageText.Of(failure));
        if (_environment.Options.OnFailure is BitsSessionAction.CancelSession)
        {
            CancelResult report = await _cancellation.CancelAsync().ConfigureAwait(false);
            if (report.Outcome is BitsCancelOutcome.AlreadyCompleted)
            {
                return;
            }

            await _keeper.SaveOrDeleteAsync(_session.State).ConfigureAwait(false);
        }
        else
        {
            await _keeper.SaveAsync(_session.State).ConfigureAwait(false);
        }

        SetFailed();
        failed?.Checkpoint = Checkpoint;
        ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Returns only where the stop came too late, and the upload is complete.</summary>
    private async Task EndStoppedAsync(Exception failure, CancellationToken cancellationToken)
    {
        if (_session.State.Closed)
        {
            return;
        }

        Exception? cause = failure is OperationCanceledException ? null : failure;
        CancellationToken token = cancellationToken.IsCancellationRequested ? cancellationToken : CancellationToken.None;
        if (DecideWhetherKept(cancellationToken))
        {
            await _keeper.SaveAsync(_session.State).ConfigureAwait(false);
            throw new BitsUploadCanceledException(_session.State.Outcome ?? BitsCancelOutcome.SessionKept, Checkpoint, cause, token);
        }

        CancelResult report = await CancelOnceAsync(byCaller: false).ConfigureAwait(false);
        if (report.Outcome is not BitsCancelOutcome.AlreadyCompleted)
        {
            throw new BitsUploadCanceledException(report.Outcome, Checkpoint, report.Failure ?? cause, token);
        }
    }

    private void SetFailed()
    {
        lock (_gate)
        {
            _failed = true;
        }
    }

    private bool IsCanceling()
    {
        lock (_gate)
        {
            return _canceling is { IsFaulted: false };
        }
    }

    // Nobody asked for a cancel: the job was disposed of, or the token does not mean one.
    private bool DecideWhetherKept(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            bool tokenKeeps = !cancellationToken.IsCancellationRequested || _environment.Options.OnCancellation is BitsSessionAction.KeepSession;
            return _isKept = _canceling is not { IsFaulted: false } && tokenKeeps;
        }
    }

    private Task<CancelResult> CancelOnceAsync(bool byCaller)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed && byCaller, this);
            bool isUnsettled = _canceling is { IsCompleted: true } && (_canceling.IsFaulted || _session.State.IsOpen);
            if (_canceling is null || isUnsettled)
            {
                Task loop = _loop;
                _canceling = Task.Run(() => CancelAfterAsync(loop));
            }

            return _canceling;
        }
    }

    private async Task<CancelResult> CancelAfterAsync(Task loop)
    {
        if (_session.State.IsOpen)
        {
            // First, so that who is refused has changed nothing. A run that is going on has it already.
            await _keeper.TryLockAsync(Id).ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await loop.ConfigureAwait(false);

        // A job that was made to resume, and never did, may be of a session that is long replaced.
        BitsUploadCheckpoint? unrun = _startedAt is null ? Checkpoint : null;
        CancelResult report = await _cancellation.CancelAsync().ConfigureAwait(false);
        if (_keeper.IsLocked && (unrun is null || await _keeper.HoldsAsync(unrun).ConfigureAwait(false)))
        {
            await _keeper.SaveOrDeleteAsync(_session.State).ConfigureAwait(false);
        }

        return report;
    }
}
