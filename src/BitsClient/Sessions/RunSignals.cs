using BitsClient.Machine;
using BitsClient.Resilience;
using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>What ends the upload loop from outside: a stop, a suspension, or no progress for too long.</summary>
/// <remarks>
/// The loop uses it; while the loop waits for a request, the thread that writes its body and the download of a reply report to it. It has
/// no lock. The tokens may fire on any thread.
/// </remarks>
internal sealed class RunSignals : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly Func<bool> _keepsSession;
    private readonly CancellationToken _pause;
    private NoProgressTimer _noProgress;
    private AnySignal? _any;
    private bool _isLastAttempt;

    /// <param name="noProgressTimeout">How long the upload may make no progress.</param>
    /// <param name="time">The clock.</param>
    /// <param name="keepsSession">Asked when the upload is stopped: whether its session is kept.</param>
    /// <param name="stop">Fires when the upload is stopped.</param>
    /// <param name="pause">Fires when the upload is suspended.</param>
    public RunSignals(
        TimeSpan noProgressTimeout, TimeProvider time, Func<bool> keepsSession, CancellationToken stop, CancellationToken pause)
    {
        (_limit, _time, _stop, _keepsSession, _pause) = (noProgressTimeout, time, stop, keepsSession, pause);
        _noProgress = new NoProgressTimer(_limit, _time);
        Silence = new SilenceTimer(time);
    }

    /// <summary>What limits how long the request in flight may be silent, for one request after another.</summary>
    public SilenceTimer Silence { get; }

    /// <summary>
    /// Fires when the upload is stopped or suspended, or made no progress for too long. Only the loop uses it; most uploads need none.
    /// </summary>
    public CancellationToken Token => (_any ??= new AnySignal(_stop, _pause, _noProgress.Token)).Token;

    /// <summary>If the upload is stopped, its session is kept.</summary>
    public bool KeepsSession => _keepsSession();

    public bool IsStopped => _stop.IsCancellationRequested;

    public bool IsPaused => _pause.IsCancellationRequested;

    /// <summary>
    /// Whether the upload is stopped or suspended, or made no progress for too long. An abandoned request may end before
    /// <see cref="Token"/> has fired, because callbacks run in reverse order.
    /// </summary>
    public bool IsInterrupted => IsStopped || IsPaused || _noProgress.HasElapsed;

    /// <summary>How the loop ends because of a signal. A stop counts first.</summary>
    public RunEnd EndOf(UploadState state) => (IsStopped, IsPaused) switch
    {
        (true, _) => RunEnd.Stopped(),
        (false, true) => RunEnd.Paused,
        (false, false) => RunEnd.Stalled(_noProgress.Stalled(state)),
    };

    /// <summary>A packet waits for a connection, which counts as time without progress.</summary>
    public void Waiting() => _noProgress.Waiting("a free connection");

    /// <summary>The packet has a connection.</summary>
    /// <param name="isDownload">Whether it brings a reply, for which the time without progress runs on.</param>
    public void Connected(bool isDownload) => _noProgress.Connected(isDownload);

    /// <summary>The next part of a fragment waits for the rate limiter, which counts as well; or it no longer does.</summary>
    public void Limited(bool isWaiting)
    {
        if (isWaiting)
        {
            _noProgress.Waiting("the rate limiter");
        }
        else
        {
            _noProgress.Connected();
        }
    }

    /// <summary>
    /// The time without progress has elapsed during a delay, for example because the machine was asleep, or the server asked for a longer
    /// one: one more attempt is made. False if it was made, or if the upload ends for another reason.
    /// </summary>
    public bool TryGrantLastAttempt()
    {
        if (_isLastAttempt || IsStopped || IsPaused || !_noProgress.HasElapsed)
        {
            return false;
        }

        Restart();
        _isLastAttempt = true;
        return true;
    }

    /// <summary>Something failed: the time without progress runs from the first failure.</summary>
    public void Failed(BitsUploadException failure) => _noProgress.Failed(failure, isLastAttempt: _isLastAttempt && failure.IsTransient);

    /// <summary>
    /// A part of a reply arrived. If the time has elapsed, it comes too late, and the request is being abandoned.
    /// </summary>
    public void Downloaded() => _noProgress.Downloaded();

    /// <summary>A packet made progress, even if only just in time: the time without progress starts over.</summary>
    public void Progressed()
    {
        _noProgress.Progressed();
        _isLastAttempt = false;
        if (_noProgress.HasElapsed)
        {
            Restart();
        }
    }

    /// <exception cref="OperationCanceledException">The upload is stopped or suspended.</exception>
    public void ThrowIfStoppedOrPaused()
    {
        _stop.ThrowIfCancellationRequested();
        _pause.ThrowIfCancellationRequested();
    }

    public CancellationTokenRegistration OnStop(RequestInFlight request) =>
        _stop.UnsafeRegister(static inFlight => ((RequestInFlight)inFlight!).Stop(), request);

    public CancellationTokenRegistration OnNoProgress(RequestInFlight request) =>
        _noProgress.Token.UnsafeRegister(static inFlight => ((RequestInFlight)inFlight!).Abandon(), request);

    public void Dispose()
    {
        EndTimes();
        Silence.Dispose();
    }

    private void Restart()
    {
        EndTimes();
        (_noProgress, _any) = (new NoProgressTimer(_limit, _time), null);
    }

    private void EndTimes()
    {
        _any?.Dispose();
        _noProgress.Dispose();
    }
}
