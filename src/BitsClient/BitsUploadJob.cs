using System.Runtime.ExceptionServices;
using BitsClient.Diagnostics;
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

    // Guards the fields below. One request of the session is in flight at a time, because the loop ends before a cancel begins.
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Task _run = Task.CompletedTask;
    private Task<CancelReport>? _cancelling;
    private bool _failed;
    private bool _disposed;
    private long? _startedAt;

    internal BitsUploadJob(UploadEnvironment environment, SessionState state, BitsUploadSource source, BitsReplyTarget? reply)
    {
        _environment = environment;
        _session = environment.SessionOf(state);
        _source = source;
        _reply = reply;
        _driver = new UploadDriver(_session, source, reply, environment);
        _cancellation = new SessionCancellation(_session, environment);
    }

    /// <summary>The destination.</summary>
    public Uri Url => _session.State.Url;

    /// <summary>The server's name of the session; null before there is one. Treat it as a secret: with it, anybody can cancel the upload.</summary>
    public string? SessionId => _session.State.SessionId;

    /// <summary>The session that is open on the server now; null when none is.</summary>
    public BitsUploadState? State => _session.State.Snapshot();

    /// <summary>Where the job stands.</summary>
    public BitsUploadStatus Status
    {
        get
        {
            lock (_gate)
            {
                SessionState state = _session.State;
                return state.Closed ? BitsUploadStatus.Acknowledged
                    : _cancelling is { IsCompleted: true } ? BitsUploadStatus.Cancelled
                    : _failed ? BitsUploadStatus.Error
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
    /// if every byte is there, the session is closed and the result returned.
    /// </param>
    /// <returns>What was uploaded.</returns>
    /// <exception cref="InvalidOperationException">The job is running, or it has completed.</exception>
    /// <exception cref="ObjectDisposedException">The job was disposed of.</exception>
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
            run.SetResult();
        }
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
    public async Task<BitsCancelOutcome> CancelAsync()
    {
        CancelReport report = await CancelOnceAsync().ConfigureAwait(false);
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

        await _stop.CancelAsync().ConfigureAwait(false);
        await run.ConfigureAwait(false);
        if (cancelling is not null)
        {
            await cancelling.ConfigureAwait(false);
        }

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
            _failed = false;
            _startedAt ??= _environment.Time.GetTimestamp();
            return loop;
        }
    }

    private async Task<BitsUploadResult> RunToEndAsync(TaskCompletionSource loop, IProgress<BitsUploadProgress>? progress, CancellationToken cancellationToken)
    {
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

        reporter.Complete(_session.State);
        return BitsUploadResult.Of(_session.State, _reply, _environment.Time.GetElapsedTime(_startedAt!.Value));
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
    }

    /// <summary>Returns only where the session could still be closed, so that nothing failed after all.</summary>
    private async Task FailAsync(Exception failure)
    {
        SessionState state = _session.State;
        BitsUploadException? failed = failure as BitsUploadException;
        Log.Failed(_environment.Logger, BitsUrl.Shown(state.Url), failed?.PacketType, state.Acknowledged, state.Total, failure.GetType().Name);
        if (_environment.Options.OnFailure is BitsFailureAction.CancelSession)
        {
            CancelReport report = await _cancellation.CancelAsync().ConfigureAwait(false);
            if (report.Outcome is BitsCancelOutcome.AlreadyCompleted)
            {
                return;
            }
        }

        lock (_gate)
        {
            _failed = true;
        }

        failed?.State = State;
        ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Returns only where the stop came too late, and the upload is complete.</summary>
    private async Task EndStoppedAsync(Exception failure, CancellationToken cancellationToken)
    {
        Exception? cause = failure is OperationCanceledException ? null : failure;
        CancellationToken token = cancellationToken.IsCancellationRequested ? cancellationToken : CancellationToken.None;
        if (IsKept(cancellationToken))
        {
            throw new BitsUploadCanceledException(_session.State.Outcome ?? BitsCancelOutcome.SessionKept, State, cause, token);
        }

        CancelReport report = await CancelOnceAsync().ConfigureAwait(false);
        if (report.Outcome is not BitsCancelOutcome.AlreadyCompleted)
        {
            throw new BitsUploadCanceledException(report.Outcome, State, report.Failure ?? cause, token);
        }
    }

    private bool IsCancelling()
    {
        lock (_gate)
        {
            return _cancelling is not null;
        }
    }

    // Nobody asked for a cancel: the job was disposed of.
    private bool IsKept(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _disposed && _cancelling is null && !cancellationToken.IsCancellationRequested;
        }
    }

    private Task<CancelReport> CancelOnceAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed && _run.IsCompleted, this);
            bool isUnsettled = _cancelling is { IsCompleted: true } && _session.State.IsOpen;
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
        await _stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        return await _cancellation.CancelAsync().ConfigureAwait(false);
    }
}
