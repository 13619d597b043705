using BitsClient.Diagnostics;
using BitsClient.Machine;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>
/// Converts sent bytes and reached states to progress reports: in order, not too often, never long outdated, and for a
/// successful upload always including the last one. A report that comes too early is delayed until it is due.
/// </summary>
/// <remarks>
/// The loop, the thread that sends a body and the timer call it at the same time. The lock guards all fields. The caller's handler runs
/// outside of it, on one thread at a time, so that reports come in order: while a report is being made, only the newest other one waits.
/// </remarks>
internal sealed class ProgressReporter : IAsyncDisposable
{
    /// <summary>How long the end of an upload waits for a handler that is still running.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    /// <summary>The largest fraction while a byte is not acknowledged.</summary>
    private static readonly double MaxUnacknowledged = Math.BitDecrement(1);

    private readonly object _gate = new();
    private readonly IProgress<BitsUploadProgress>? _sink;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Null if nobody wants reports.
    private readonly ITimer? _later;
    private UploadState? _state;
    private BitsUploadStatus _status;
    private (BitsUploadException Failure, TimeSpan Delay)? _retry;
    private long _inFlight;
    private (int Session, double Fraction) _furthest;
    private long _replyBytes;
    private long? _replyTotal;
    private readonly SendRate _rate;
    private long? _reportedAt;
    private bool _isDue;
    private bool _isDone;
    private bool _ended;
    private BitsUploadProgress? _next;
    private TaskCompletionSource? _reporting;

    public ProgressReporter(IProgress<BitsUploadProgress>? sink, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _sink = sink;
        _interval = interval;
        _time = time;
        _logger = logger;
        _rate = new SendRate();
        _later = sink is null ? null : time.CreateTimer(
            static reporter => ((ProgressReporter)reporter!).CatchUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public static BitsUploadStatus StatusOf(UploadState state) => state switch
    {
        { Canceled: true } => BitsUploadStatus.Canceled,
        { Closed: true } => BitsUploadStatus.Acknowledged,
        { Session: null } => BitsUploadStatus.Connecting,
        { IsReplyDue: true } => BitsUploadStatus.DownloadingReply,
        { IsComplete: true } => BitsUploadStatus.Transferred,
        _ => BitsUploadStatus.Transferring,
    };

    /// <summary>A packet is about to be sent.</summary>
    public void Reached(UploadState state) => Update(state, StatusOf(state));

    /// <summary>A packet failed, and is retried after a delay.</summary>
    public void Failed(UploadState state, BitsUploadException failure, TimeSpan delay) =>
        Update(state, BitsUploadStatus.TransientError, (failure, delay));

    /// <summary>The upload is suspended.</summary>
    public void Suspended(UploadState state) => Update(state, BitsUploadStatus.Suspended);

    /// <summary>This many more bytes of the fragment in flight were sent.</summary>
    public void Sent(int bytes)
    {
        if (_sink is null)
        {
            return;
        }

        bool isMine;
        lock (_gate)
        {
            _inFlight += bytes;
            isMine = TryBegin();
        }

        MakeReports(isMine);
    }

    /// <summary>This much of the reply was downloaded.</summary>
    public void Received(long bytes, long? total) => Change(() => (_replyBytes, _replyTotal) = (bytes, total));

    /// <summary>The upload is done: makes the last report, no matter when the one before was made.</summary>
    public void Complete(UploadState state) => Update(state, StatusOf(state), isDone: true);

    /// <summary>
    /// The run has ended: drops a report that waits, unless it is the last one of an upload that is done, and waits for the handler, so
    /// that it does not run later.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_sink is null)
        {
            return;
        }

        Task reporting;
        lock (_gate)
        {
            _ended = true;
            _next = _isDone ? _next : null;
            reporting = _reporting?.Task ?? Task.CompletedTask;
        }

        // Not DisposeAsync, which waits for a handler that the timer has called, however long that takes.
        _later?.Dispose();
        try
        {
            await reporting.WaitAsync(MaxWait, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.ProgressHandlerHangs(_logger, MaxWait);
        }
    }

    // Without a closure, because it is called for each packet, mostly without a sink.
    private void Update(
        UploadState state, BitsUploadStatus status, (BitsUploadException, TimeSpan)? retry = null, bool isDone = false)
    {
        if (_sink is null)
        {
            return;
        }

        bool isMine;
        lock (_gate)
        {
            (_state, _status, _retry, _inFlight, _isDone) = (state, status, retry, 0, isDone);
            _reportedAt = isDone ? null : _reportedAt;
            isMine = TryBegin();
        }

        MakeReports(isMine);
    }

    private void CatchUp() => Change(() => _isDue = false);

    private void Change(Action change)
    {
        if (_sink is null)
        {
            return;
        }

        bool isMine;
        lock (_gate)
        {
            change();
            isMine = TryBegin();
        }

        MakeReports(isMine);
    }

    // Whether this thread makes the reports; false if none is due, or another thread makes them.
    private bool TryBegin()
    {
        bool isMine = TryPrepareReport() && _reporting is null;
        if (isMine)
        {
            _reporting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return isMine;
    }

    // Whether a report is due, which is then the next one.
    private bool TryPrepareReport()
    {
        if (_ended || _state is not { } state)
        {
            return false;
        }

        long now = _time.GetTimestamp();
        TimeSpan? since = _reportedAt is { } before ? _time.GetElapsedTime(before, now) : null;
        if (since < _interval)
        {
            ReportLater(_interval - since.Value);
            return false;
        }

        long sent = state.Tally.BytesSent + _inFlight;
        _rate.Update(sent, since);
        _reportedAt = now;
        _furthest = (state.Ledger.Replaced, FractionOf(state));
        _next = Snapshot(state, sent);
        return true;
    }

    private void MakeReports(bool isMine)
    {
        while (isMine && TakeNext() is { } next)
        {
            try
            {
                _sink!.Report(next);
            }
            catch (Exception e)
            {
                // A progress handler must not be able to fail the upload.
                Log.ProgressHandlerFailed(_logger, e);
            }
        }
    }

    private BitsUploadProgress? TakeNext()
    {
        lock (_gate)
        {
            BitsUploadProgress? next = _next;
            _next = null;
            if (next is null)
            {
                _reporting!.SetResult();
                _reporting = null;
            }

            return next;
        }
    }

    private void ReportLater(TimeSpan delay)
    {
        if (!_isDue)
        {
            _isDue = true;
            _later!.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    // A fragment that fails, or bytes that the server wants again, leave the fraction where it was.
    private double FractionOf(UploadState state)
    {
        if (state.Acknowledged == state.Total)
        {
            return 1;
        }

        long reached = Math.Max(state.Acknowledged, state.Offset + _inFlight);
        double fraction = Math.Min((double)reached / state.Total, MaxUnacknowledged);
        return _furthest.Session == state.Ledger.Replaced ? Math.Max(fraction, _furthest.Fraction) : fraction;
    }

    private BitsUploadProgress Snapshot(UploadState state, long sent) => new()
    {
        Status = _status,
        Failure = _retry?.Failure,
        RetryDelay = _retry?.Delay,
        BytesAcknowledged = state.Acknowledged,
        BytesInFlight = _inFlight,
        Fraction = _furthest.Fraction,
        BytesSent = sent,
        BytesResent = state.Tally.BytesResent,
        ReplyBytes = _replyBytes,
        ReplyTotal = _replyTotal,
        BytesTotal = state.Total,
        Session = state.Ledger.Replaced + 1,
        Attempt = state.Budget.Retries + 1,
        FragmentSize = state.Sizing.Size,

        // Until an ack, the bytes may only be in the buffers of the system.
        BytesPerSecond = state.Acknowledged > 0 ? _rate.BytesPerSecond : 0,
    };
}
