using BitsClient.Errors;
using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// Limits how long an upload keeps failing: the time begins with the first failure, and progress ends it, as in the Windows service. The
/// time that a packet waits for a connection or a rate limiter counts as well, and the time that a part of a reply takes.
/// </summary>
/// <remarks>It has no lock; <see cref="RunSignals"/> says who calls it.</remarks>
internal sealed class NoProgressTimer : IDisposable
{
    // Never disposed of: the timer may fire meanwhile.
    private readonly CancellationTokenSource _elapsed = new();
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;
    private BitsUploadException? _lastFailure;
    private string? _awaited;

    public NoProgressTimer(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _timer = time.CreateTimer(
            static elapsed => ((CancellationTokenSource)elapsed!).Cancel(), _elapsed, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires when the time has elapsed.</summary>
    public CancellationToken Token => _elapsed.Token;

    public bool HasElapsed => _elapsed.IsCancellationRequested;

    /// <summary>A packet waits for a connection, or the next part of it for the rate limiter.</summary>
    public void Waiting(string awaited)
    {
        _awaited = awaited;
        if (_lastFailure is null)
        {
            ElapseAfter(_limit);
        }
    }

    /// <summary>The packet has what it waited for. It is too late if the time has elapsed.</summary>
    /// <param name="isDownload">Whether it brings a reply, for which the time starts over instead of ending.</param>
    public void Connected(bool isDownload = false)
    {
        if (HasElapsed)
        {
            return;
        }

        _awaited = null;
        if (_lastFailure is null)
        {
            ElapseAfter(isDownload ? _limit : Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A part of a reply arrived, and the next one is due. It is too late if the time has elapsed.</summary>
    public void Downloaded()
    {
        Progressed();
        Connected(isDownload: true);
    }

    /// <summary>Something failed.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="isLastAttempt">Whether the time had elapsed before, so that no other attempt follows.</param>
    public void Failed(BitsUploadException failure, bool isLastAttempt = false)
    {
        _awaited = null;
        bool isFirst = _lastFailure is null;
        _lastFailure = failure;
        if (isLastAttempt)
        {
            _elapsed.Cancel();
        }
        else if (isFirst)
        {
            ElapseAfter(_limit);
        }
    }

    /// <summary>There was progress. It is too late if the time has elapsed.</summary>
    public void Progressed()
    {
        if (!HasElapsed)
        {
            _lastFailure = null;
            ElapseAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The failure that the caller gets once the time has elapsed.</summary>
    public BitsUploadStalledException Stalled(UploadState state) => Failure.OfStall(
        state.Target, state.Session?.Id,
        (state.IsReplyDue
            ? $"The download of the reply made no progress for {MessageText.Of(_limit)}."
            : $"The upload made no progress beyond byte {state.Acknowledged} of {state.Total} for {MessageText.Of(_limit)}.")
        + (_awaited is null ? "" : $" It was waiting for {_awaited}."),
        _lastFailure);

    public void Dispose() => _timer.Dispose();

    // A CancellationTokenSource of .NET Standard 2.0 knows no other clock than that of the system.
    private void ElapseAfter(TimeSpan time) => _timer.Change(time, Timeout.InfiniteTimeSpan);
}
