using BitsClient.Diagnostics;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>Turns bytes sent and states reached into reports: in order, not too many, the last one always.</summary>
internal sealed class ProgressReporter(IProgress<BitsUploadProgress>? sink, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private SessionState? _state;
    private long _inFlight;
    private long? _reportedAt;
    private long _reportedSent;
    private double _rate;

    /// <summary>A packet was answered, or is about to be sent.</summary>
    public void Reached(SessionState state, bool last = false)
    {
        lock (_gate)
        {
            _state = state;
            _inFlight = 0;
            Report(last);
        }
    }

    /// <summary>So many more bytes of the fragment in flight were sent.</summary>
    public void Sent(int bytes)
    {
        lock (_gate)
        {
            _inFlight += bytes;
            Report(last: false);
        }
    }

    private void Report(bool last)
    {
        if (sink is null || _state is not { } state)
        {
            return;
        }

        long now = time.GetTimestamp();
        TimeSpan? since = _reportedAt is { } before ? time.GetElapsedTime(before, now) : null;
        if (since < interval && !last)
        {
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
            sink.Report(new BitsUploadProgress
            {
                Status = StatusOf(state),
                BytesAcknowledged = state.Acknowledged,
                BytesSent = sent,
                BytesResent = state.BytesResent,
                BytesTotal = state.Total,
                BytesPerSecond = Math.Max(0, _rate),
            });
        }
        catch (Exception e)
        {
            // Somebody who watches must not be able to break what is watched.
            Log.ProgressHandlerFailed(logger, e);
        }
    }

    public static BitsUploadStatus StatusOf(SessionState state) => state switch
    {
        { Canceled: true } => BitsUploadStatus.Cancelled,
        { Closed: true } => BitsUploadStatus.Acknowledged,
        { SessionId: null } => BitsUploadStatus.Connecting,
        { IsComplete: true } => BitsUploadStatus.Transferred,
        _ => BitsUploadStatus.Transferring,
    };
}
