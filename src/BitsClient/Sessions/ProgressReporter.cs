using BitsClient.Diagnostics;
using BitsClient.Machine;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>
/// Turns bytes sent and states reached into reports: in order, not too many, none of them stale for long, the last one always. A report that comes too
/// early is made when its time has come.
/// </summary>
internal sealed class ProgressReporter : IDisposable
{
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly IProgress<BitsUploadProgress>? _sink;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _later;
    private UploadState? _state;
    private BitsUploadStatus _status;
    private BitsUploadException? _failure;
    private long _inFlight;
    private long _replyBytes;
    private long? _replyTotal;
    private long? _reportedAt;
    private long _reportedSent;
    private double _rate;
    private bool _isDue;
    private bool _ended;

    public ProgressReporter(IProgress<BitsUploadProgress>? sink, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _sink = sink;
        _interval = interval;
        _time = time;
        _logger = logger;
        _later = time.CreateTimer(static reporter => ((ProgressReporter)reporter!).CatchUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public static BitsUploadStatus StatusOf(UploadState state) => state switch
    {
        { Canceled: true } => BitsUploadStatus.Canceled,
        { Closed: true } => BitsUploadStatus.Acknowledged,
        { SessionId: null } => BitsUploadStatus.Connecting,
        { IsReplyDue: true } => BitsUploadStatus.DownloadingReply,
        { IsComplete: true } => BitsUploadStatus.Transferred,
        _ => BitsUploadStatus.Transferring,
    };

    /// <summary>A packet is about to be sent.</summary>
    public void Reached(UploadState state) => Tell(state, StatusOf(state));

    /// <summary>A packet failed, and another try follows.</summary>
    public void Failed(UploadState state, BitsUploadException failure) => Tell(state, BitsUploadStatus.TransientError, failure);

    /// <summary>The upload stands still until it is resumed.</summary>
    public void Suspended(UploadState state) => Tell(state, BitsUploadStatus.Suspended);

    /// <summary>So many more bytes of the fragment in flight were sent.</summary>
    public void Sent(int bytes)
    {
        lock (_gate)
        {
            _inFlight += bytes;
            Report();
        }
    }

    /// <summary>So much of the reply is here.</summary>
    public void Received(long bytes, long? total)
    {
        lock (_gate)
        {
            (_replyBytes, _replyTotal) = (bytes, total);
            Report();
        }
    }

    /// <summary>The upload is done: the last report, whenever the one before was.</summary>
    public void Complete(UploadState state)
    {
        lock (_gate)
        {
            _reportedAt = null;
            Tell(state, StatusOf(state));
            _ended = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
        }

        _later.Dispose();
    }

    private void Tell(UploadState state, BitsUploadStatus status, BitsUploadException? failure = null)
    {
        lock (_gate)
        {
            (_state, _status, _failure, _inFlight) = (state, status, failure, 0);
            Report();
        }
    }

    private void CatchUp()
    {
        lock (_gate)
        {
            _isDue = false;
            Report();
        }
    }

    private void Report()
    {
        if (_sink is null || _ended || _state is not { } state)
        {
            return;
        }

        long now = _time.GetTimestamp();
        TimeSpan? since = _reportedAt is { } before ? _time.GetElapsedTime(before, now) : null;
        if (since < _interval)
        {
            if (!_isDue)
            {
                _isDue = true;
                _later.Change(_interval - since.Value, Timeout.InfiniteTimeSpan);
            }

            return;
        }

        long sent = state.BytesSent + _inFlight;
        if (since is { Ticks: > 0 } passed)
        {
            double weight = _rate == 0 ? 1 : 1 - Math.Exp(-passed / Smoothing);
            _rate += weight * (((sent - _reportedSent) / passed.TotalSeconds) - _rate);
        }

        _reportedAt = now;
        _reportedSent = sent;
        try
        {
            _sink.Report(new BitsUploadProgress
            {
                Status = _status,
                Failure = _failure,
                BytesAcknowledged = state.Acknowledged,
                BytesSent = sent,
                BytesResent = state.BytesResent,
                ReplyBytes = _replyBytes,
                ReplyTotal = _replyTotal,
                BytesTotal = state.Total,
                Session = state.Restarts + 1,
                Attempt = state.RetriesWithoutProgress + 1,
                FragmentSize = state.FragmentSize,
                BytesPerSecond = Math.Max(0, _rate),
            });
        }
        catch (Exception e)
        {
            // Somebody who watches must not be able to break what is watched.
            Log.ProgressHandlerFailed(_logger, e);
        }
    }
}
