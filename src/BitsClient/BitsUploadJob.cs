using System.Runtime.ExceptionServices;
using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Persistence;
using BitsClient.Protocol;
using BitsClient.Sessions;

namespace BitsClient;

/// <summary>
/// One upload: run it, cancel it, look how it stands. Every member may be called from any thread at any moment. Disposing of a job that still runs stops
/// it but keeps the server's session; cancel it first if nobody will continue it.
/// </summary>
public sealed class BitsUploadJob : IAsyncDisposable
{
    private readonly UploadSession _session;
    private readonly BitsUploadSource _source;
    private readonly BitsReplyTarget? _reply;
    private readonly UploadEnvironment _environment;
    private readonly UploadDriver _driver;
    private readonly SessionCancellation _cancellation;
    private readonly Suspension _suspension;
    private readonly SourceHash? _hash;
    private readonly StateKeeper _keeper;

    // Guards the fields below. One request of the session is in flight at a time, because the loop ends before a cancel begins.
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Task _run = Task.CompletedTask;
    private Task<CancelReport>? _cancelling;
    private bool _failed;
    private bool _kept;
    private bool _disposed;
    private long? _startedAt;

    internal BitsUploadJob(UploadEnvironment environment, SessionState state, BitsUploadSource source, BitsReplyTarget? reply)
    {
        _environment = environment;
        _session = environment.SessionOf(state with
        {
            ContentName = source.Name is null ? null : BitsContentName.Of(source.Name),
            FragmentSize = environment.Options.InitialFragmentSize,
        });
        _source = source;
        _reply = reply;
        _suspension = new Suspension(environment.Time);
        _hash = environment.Options.ComputeSha256 || state.Identity.Source?.PrefixSha256 is not null ? new SourceHash(source, state.Identity.Source) : null;
        _keeper = environment.KeeperOf(_hash);
        _driver = new UploadDriver(_session, source, reply, environment, _suspension, _keeper, _hash);
        _cancellation = new SessionCancellation(_session, environment);
    }

    /// <summary>The upload, in all the processes it may need: the name of its state in a store.</summary>
    public Guid Id => _session.State.Identity.Id;

    /// <summary>The destination.</summary>
    public Uri Url => _session.State.Url;

    /// <summary>The server's name of the session; null before there is one. Treat it as a secret: with it, anybody can cancel the upload.</summary>
    public string? SessionId => _session.State.SessionId;

    /// <summary>The session that is open on the server now; null when none is.</summary>
    public BitsUploadState? State => _keeper.Snapshot(_session.State);

    /// <summary>Where the job stands.</summary>
    public BitsUploadStatus Status
    {
        get
        {
            lock (_gate)
            {
                SessionState state = _session.State;
                return state.Closed ? BitsUploadStatus.Acknowledged
                    : _cancelling is { IsCompletedSuccessfully: true } ? BitsUploadStatus.Cancelled
                    : _failed ? BitsUploadStatus.Error
                    : _kept || _suspension.IsStandingStill ? BitsUploadStatus.Suspended
                    : _startedAt is null ? BitsUploadStatus.Queued
                    : _driver.IsWaiting ? BitsUploadStatus.TransientError
                    : ProgressReporter.StatusOf(state);
            }
        }
    }

    /// <summary>Uploads the source from Create-Session to Close-Session; after a failure it goes on where the server is.</summary>
    /// <param name="progress">Is told how far the upload is; see <see cref="BitsUploadProgress"/> for what it can rely on.</param>
    /// <param name="cancellationToken">
    /// Cancels the upload at any moment. Before the last fragment is completely sent, the request in flight is abandoned and Cancel-Session goes out with
    /// the server's id (if Create-Session is in flight, its ack is waited for, because it alone tells that id). After that the last ack decides:
    /// if every byte is there, the session is closed and the result returned. With <see cref="BitsUploadOptions.OnCancellation"/> it stops the upload and
    /// keeps the session instead.
    /// </param>
    /// <returns>What was uploaded.</returns>
    /// <exception cref="InvalidOperationException">The job is running, or it has completed.</exception>
    /// <exception cref="ObjectDisposedException">The job was disposed of.</exception>
    /// <exception cref="BitsUploadLockedException">
    /// Somebody else runs this upload; only where there is a <see cref="BitsUploadOptions.StateStore"/>. Nothing was sent.
    /// </exception>
    /// <exception cref="IOException">The state store cannot be used. Nothing was sent.</exception>
    /// <exception cref="UnauthorizedAccessException">The state store may not be written to. Nothing was sent.</exception>
    /// <exception cref="InvalidDataException">What is saved of the upload to be resumed is damaged, or of a newer version. Nothing was sent.</exception>
    /// <exception cref="BitsUploadException">The upload failed. The job can be run again, and goes on where the server is, or be cancelled.</exception>
    /// <exception cref="BitsUploadCanceledException">
    /// The token fired, or <see cref="CancelAsync"/> or <see cref="DisposeAsync"/> was called; its outcome tells what became of the session.
    /// </exception>
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

    /// <summary>
    /// Suspends the upload: nothing is sent any more, the session stays on the server, and <see cref="RunAsync"/> stays pending. The request in
    /// flight may finish; after a second it is abandoned, but for those whose ack matters (of Create-Session, of Close-Session, of the last fragment
    /// once it is sent in full), which go on waiting for it and send nothing. Suspended before a run, the run begins when it is resumed. No effect on
    /// a job that has ended, or is suspended.
    /// </summary>
    /// <returns>A task that completes when nothing is sent any more.</returns>
    /// <exception cref="ObjectDisposedException">The job was disposed of.</exception>
    public Task SuspendAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
        }

        return _suspension.SuspendAsync();
    }

    /// <summary>
    /// Goes on after <see cref="SuspendAsync"/>: with a Ping, then with a fragment of the smallest size if one was abandoned. No effect on a job that
    /// is not suspended.
    /// </summary>
    /// <returns>A completed task: the upload goes on by itself.</returns>
    public Task ResumeAsync()
    {
        _suspension.Resume();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Cancels the upload, whether it runs, waits to be run, or has failed: sends Cancel-Session when the server holds a session, and tells what
    /// became of it. A running <see cref="RunAsync"/> ends with <see cref="BitsUploadCanceledException"/>, or with its result where the cancel came too late.
    /// </summary>
    /// <returns>
    /// What became of the session. Calls at the same time share one cancel, later ones get the same answer; only where it is
    /// <see cref="BitsCancelOutcome.Unconfirmed"/> and the session may still be open, a further call tries again. A call takes at most three times
    /// <see cref="BitsUploadOptions.CancelTimeout"/>.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The job was disposed of.</exception>
    /// <exception cref="BitsUploadLockedException">The job was made to resume an upload that somebody else runs. Nothing was sent.</exception>
    public async Task<BitsCancelOutcome> CancelAsync()
    {
        CancelReport report = await CancelOnceAsync(byCaller: true).ConfigureAwait(false);
        return report.Outcome;
    }

    /// <summary>
    /// Stops a run, lets go of the source, and keeps the server's session. It waits until the run has ended, which can take as long as a cancel. Safe to
    /// call again; not from a progress handler, for which the run itself waits.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task run;
        Task? cancelling;
        lock (_gate)
        {
            _disposed = true;
            (run, cancelling) = (_run, _cancelling);
        }

        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await run.ConfigureAwait(false);
        if (cancelling is not null)
        {
            // If it failed, it told whoever asked for it.
            await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            (_failed, _kept) = (false, false);
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

        await _keeper.SettleAsync(_session.State).ConfigureAwait(false);
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
        if (IsCancelling())
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
        SessionState state = _session.State;
        BitsUploadException? failed = failure as BitsUploadException;
        Log.Failed(_environment.Logger, BitsUrl.Shown(state.Url), failed?.PacketType, state.Acknowledged, state.Total, Words.Of(failure));
        if (_environment.Options.OnFailure is BitsFailureAction.CancelSession)
        {
            CancelReport report = await _cancellation.CancelAsync().ConfigureAwait(false);
            if (report.Outcome is BitsCancelOutcome.AlreadyCompleted)
            {
                return;
            }

            await _keeper.SettleAsync(_session.State).ConfigureAwait(false);
        }
        else
        {
            await _keeper.SaveAsync(_session.State).ConfigureAwait(false);
        }

        SetFailed();
        failed?.State = State;
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
        if (IsKept(cancellationToken))
        {
            await _keeper.SaveAsync(_session.State).ConfigureAwait(false);
            throw new BitsUploadCanceledException(_session.State.Outcome ?? BitsCancelOutcome.SessionKept, State, cause, token);
        }

        CancelReport report = await CancelOnceAsync(byCaller: false).ConfigureAwait(false);
        if (report.Outcome is not BitsCancelOutcome.AlreadyCompleted)
        {
            throw new BitsUploadCanceledException(report.Outcome, State, report.Failure ?? cause, token);
        }
    }

    private void SetFailed()
    {
        lock (_gate)
        {
            _failed = true;
        }
    }

    private bool IsCancelling()
    {
        lock (_gate)
        {
            return _cancelling is { IsFaulted: false };
        }
    }

    // Nobody asked for a cancel: the job was disposed of, or the token does not mean one.
    private bool IsKept(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            bool tokenKeeps = !cancellationToken.IsCancellationRequested || _environment.Options.OnCancellation is BitsCancellationAction.KeepSession;
            return _kept = _cancelling is not { IsFaulted: false } && tokenKeeps;
        }
    }

    private Task<CancelReport> CancelOnceAsync(bool byCaller)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed && byCaller, this);
            bool isUnsettled = _cancelling is { IsCompleted: true } && (_cancelling.IsFaulted || _session.State.IsOpen);
            if (_cancelling is null || isUnsettled)
            {
                Task loop = _loop;
                _cancelling = Task.Run(() => CancelAfterAsync(loop));
            }

            return _cancelling;
        }
    }

    private async Task<CancelReport> CancelAfterAsync(Task loop)
    {
        if (_session.State.IsOpen)
        {
            // First, so that who is refused has changed nothing. A run that is going on has it already.
            await _keeper.TryLockAsync(Id).ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await loop.ConfigureAwait(false);

        // A job that was made to resume, and never did, may be of a session that is long replaced.
        BitsUploadState? unrun = _startedAt is null ? State : null;
        CancelReport report = await _cancellation.CancelAsync().ConfigureAwait(false);
        if (_keeper.IsLocked && (unrun is null || await _keeper.HoldsAsync(unrun).ConfigureAwait(false)))
        {
            await _keeper.SettleAsync(_session.State).ConfigureAwait(false);
        }

        return report;
    }
}
