using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>
/// How long an upload goes on failing: the time begins with the first failure, and progress ends it. So the Windows service does it. A stop and a pause
/// end its waits as well.
/// </summary>
internal sealed class Patience : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly CancellationToken _pause;
    private CancellationTokenSource _over;
    private CancellationTokenSource _either;
    private BitsUploadException? _failure;

    public Patience(TimeSpan limit, TimeProvider time, CancellationToken stop, CancellationToken pause)
    {
        (_limit, _time, _stop, _pause) = (limit, time, stop, pause);
        (_over, _either) = Begin();
    }

    /// <summary>Fires when patience is over, or the upload is stopped or suspended.</summary>
    public CancellationToken Token => _either.Token;

    public bool IsStopped => _stop.IsCancellationRequested;

    public bool IsPaused => _pause.IsCancellationRequested;

    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>
    /// Whether <see cref="Token"/> fires, or is about to. A request that is abandoned may end before it has fired: callbacks run last
    /// in, first out.
    /// </summary>
    public bool IsEnding => IsStopped || IsPaused || IsOver;

    /// <summary>A failure was met; the time runs from the first.</summary>
    public void Begin(BitsUploadException failure)
    {
        if (_failure is null)
        {
            _over.CancelAfter(_limit);
        }

        _failure = failure;
    }

    /// <summary>There was progress within a request; it comes too late where patience is over, and the request is being abandoned.</summary>
    public void Extend()
    {
        if (!IsOver)
        {
            _failure = null;
            _over.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A request brought progress, and be it at the last moment.</summary>
    public void Renew()
    {
        Extend();
        if (IsOver)
        {
            _failure = null;
            Dispose();
            (_over, _either) = Begin();
        }
    }

    public void ThrowIfStoppedOrPaused()
    {
        _stop.ThrowIfCancellationRequested();
        _pause.ThrowIfCancellationRequested();
    }

    public CancellationTokenRegistration OnStop(RequestInFlight request) =>
        _stop.UnsafeRegister(static pending => ((RequestInFlight)pending!).Stop(), request);

    public CancellationTokenRegistration OnOver(RequestInFlight request) =>
        _over.Token.UnsafeRegister(static pending => ((RequestInFlight)pending!).Abandon(), request);

    public BitsUploadStalledException Stalled(UploadState state) =>
        new($"The upload got no further than byte {state.Acknowledged} of {state.Total} for {MessageText.Of(_limit)}. The last failure: {_failure?.Message}", _failure)
        {
            Url = state.Target,
            PacketType = _failure?.PacketType,
            SessionId = state.SessionId,
        };

    public void Dispose()
    {
        _either.Dispose();
        _over.Dispose();
    }

    private (CancellationTokenSource Over, CancellationTokenSource Either) Begin()
    {
        CancellationTokenSource over = new(Timeout.InfiniteTimeSpan, _time);
        return (over, CancellationTokenSource.CreateLinkedTokenSource(over.Token, _stop, _pause));
    }
}
