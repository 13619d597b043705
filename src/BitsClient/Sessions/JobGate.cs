namespace BitsClient.Sessions;

/// <summary>
/// Decides which of run, cancel and disposal of a job may begin, and knows which of them is under way. At most one run and one cancel are;
/// a cancel waits until the loop of the run has ended, so that the session has one request in flight at a time.
/// </summary>
/// <remarks>
/// Callers use the job on any thread at any time. The lock guards all fields; nothing is awaited and no callback is called under it but
/// isOpen, which only reads. The lock of Suspension is taken inside it.
/// </remarks>
internal sealed class JobGate
{
    private readonly object _gate = new();
    private Phase _loop;
    private Phase _run;
    private Task<CancelResult>? _canceling;
    private long? _startedAt;
    private bool _hasFailed;
    private bool _isKept;
    private bool _isDisposed;

    /// <summary>When the first run began; null before that.</summary>
    public long? StartedAt
    {
        get
        {
            lock (_gate)
            {
                return _startedAt;
            }
        }
    }

    /// <summary>A cancel has begun, and was not refused.</summary>
    public bool IsCanceling
    {
        get
        {
            lock (_gate)
            {
                return _canceling is { IsFaulted: false };
            }
        }
    }

    /// <summary>A run is to begin.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="isClosed">Whether the upload has completed.</param>
    public void BeginRun(long now, bool isClosed)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IBitsUploadJob));
            if (_run.IsOn)
            {
                throw new InvalidOperationException("The job is already running.");
            }

            if (isClosed)
            {
                throw new InvalidOperationException("The job has completed.");
            }

            _run.Begin();
            _loop.Begin();
            (_hasFailed, _isKept) = (false, false);
            _startedAt ??= now;
        }
    }

    /// <summary>The loop of the run has ended, for which cancels wait. It may have ended before.</summary>
    public void EndLoop()
    {
        lock (_gate)
        {
            _loop.End();
        }
    }

    /// <summary>The run has ended.</summary>
    public void EndRun()
    {
        lock (_gate)
        {
            _run.End();
        }
    }

    /// <summary>
    /// Begins a cancel, or joins the one that has begun. Another one begins only after one that was refused, or that left the session open.
    /// </summary>
    /// <param name="isOpen">Whether a session is open; asked under the lock, once the earlier cancel is known to have ended.</param>
    /// <param name="cancelAfter">Cancels once the loop has ended, whose end it is given.</param>
    /// <param name="byCaller">Whether a caller asks for it, which a disposed job refuses, rather than the run itself.</param>
    public Task<CancelResult> CancelOnceAsync(Func<bool> isOpen, Func<Task, Task<CancelResult>> cancelAfter, bool byCaller)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed && byCaller, typeof(IBitsUploadJob));
            bool isUnsettled = _canceling is { IsCompleted: true } && (_canceling.IsFaulted || isOpen());
            if (_canceling is null || isUnsettled)
            {
                // A caller that awaits it may block then. The run, which awaits it as well, must not wait behind that caller.
                TaskCompletionSource<CancelResult> canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _canceling = canceled.Task;
                _ = CancelAsync(cancelAfter, _loop.Ended, canceled);
            }

            return _canceling;
        }
    }

    /// <summary>A run was stopped: keeps its session, unless a cancel has begun.</summary>
    /// <param name="mayKeep">What stopped it does not mean a cancel.</param>
    /// <returns>Whether the session is kept.</returns>
    public bool TryKeep(bool mayKeep)
    {
        lock (_gate)
        {
            _isKept = mayKeep && _canceling is not { IsFaulted: false };
            return _isKept;
        }
    }

    /// <summary>A run has failed.</summary>
    public void SetFailed()
    {
        lock (_gate)
        {
            _hasFailed = true;
        }
    }

    public void ThrowIfDisposed()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IBitsUploadJob));
        }
    }

    /// <summary>From now on no run begins, and no cancel but that of the run itself.</summary>
    /// <returns>The end of the run and of the cancel that are under way; null for no cancel.</returns>
    public (Task RunEnded, Task? Canceling) Close()
    {
        lock (_gate)
        {
            _isDisposed = true;
            return (_run.Ended, _canceling);
        }
    }

    /// <summary>The status of the job.</summary>
    /// <param name="parts">What knows the rest.</param>
    public BitsUploadStatus StatusOf(JobParts parts)
    {
        lock (_gate)
        {
            return this switch
            {
                _ when parts.State.Closed => BitsUploadStatus.Acknowledged,
                { _canceling.IsCompletedSuccessfully: true } => BitsUploadStatus.Canceled,
                { _hasFailed: true } => BitsUploadStatus.Error,
                _ when _isKept || parts.Suspension.IsIdle => BitsUploadStatus.Suspended,
                { _startedAt: null } => BitsUploadStatus.Queued,
                _ when parts.Loop.IsWaiting => BitsUploadStatus.TransientError,
                _ => ProgressReporter.StatusOf(parts.State),
            };
        }
    }

    private static async Task CancelAsync(
        Func<Task, Task<CancelResult>> cancelAfter, Task loopEnded, TaskCompletionSource<CancelResult> canceled)
    {
        try
        {
            canceled.SetResult(await Task.Run(() => cancelAfter(loopEnded)).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            canceled.SetException(e);
        }
    }
}
