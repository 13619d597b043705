using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// One request, and what ends it before its ack: a stop, a suspension, no response or no progress for too long, or a caller's strategy.
/// </summary>
/// <remarks>
/// The loop that sends the request, the thread that writes its content, the timer, and callers that stop or suspend the upload use it at
/// the same time. The lock guards all changes, and so decides whether the request left or is withheld. No callback is called under it.
/// </remarks>
internal sealed class RequestInFlight : IContentObserver, IDisposable
{
    /// <summary>How long a stopped fragment may take to end, and after that the handler, if it ignores that it was abandoned.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _request = new();

    // Null once this request is disposed, because it then measures the next one.
    private SilenceTimer? _silence;
    private ITimer? _handlerTimer;
    private ITimer? _stopTimer;
    private long _left;
    private bool _isAbandoned;
    private bool _isDisposed;

    /// <param name="packet">The packet.</param>
    /// <param name="timeouts">How long it may be silent.</param>
    /// <param name="silence">Measures that. It is free again once the request is disposed.</param>
    /// <param name="time">The clock.</param>
    public RequestInFlight(BitsPacket packet, RequestTimeouts timeouts, SilenceTimer silence, TimeProvider time)
    {
        Packet = packet;
        Departure = new Departure(time);
        _time = time;
        Content = packet is BitsPacket.GetReply or BitsPacket.Fragment ? null : new PacketContent(this);
        _left = packet is BitsPacket.Fragment fragment ? fragment.Length : 0;
        _silence = silence;
        silence.Begin(this, _left, timeouts);
    }

    public BitsPacket Packet { get; }

    /// <summary>The content of the packet, which a fragment is given; null for the download of a reply.</summary>
    public PacketContent? Content { get; set; }

    /// <summary>The bytes of a fragment; null for every other packet.</summary>
    public FragmentContent? Body => Content as FragmentContent;

    /// <summary>The download of a reply; null for every packet.</summary>
    public ReplyDownload? Reply { get; set; }

    /// <summary>The wait for a connection counts as silence: nothing else limits it.</summary>
    public bool LimitsWait { get; init; }

    /// <summary>What the requests of a run have in common, if no strategy of the caller surrounds them; otherwise null.</summary>
    public object? Run { get; init; }

    /// <summary>Is told what becomes of the request; null for nobody.</summary>
    public IRequestObserver? Observer { get; init; }

    /// <summary>What sends the request, once it is about to be handed over.</summary>
    public Dispatch? Dispatch { get; set; }

    /// <summary>An earlier attempt has sent the last bytes of the file: the ack is awaited.</summary>
    public bool EarlierTrySentLastBytes { get; init; }

    public Departure Departure { get; }

    /// <summary>Fires when the request is to end without its ack, soon after <see cref="IsAbandoned"/> is true.</summary>
    public CancellationToken Token => _request.Token;

    /// <summary>The request is to end without its ack.</summary>
    public bool IsAbandoned => Volatile.Read(ref _isAbandoned);

    /// <summary>How long the silence lasted that ended the request; null if something else ended it.</summary>
    public TimeSpan? Silence { get; private set; }

    /// <summary>The silence was that of the target of a reply.</summary>
    public bool WasWritingReply { get; private set; }

    /// <summary>The request goes to the handler. A download counts as sent at once; the source of a fragment is checked first.</summary>
    /// <exception cref="OperationCanceledException">The upload was stopped before.</exception>
    public void HandOver(HttpRequestMessage message)
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
            Departure.HandOver(message);
            if (!LimitsWait && Body is null)
            {
                _silence?.Pause();
            }
        }

        if (Content is null)
        {
            Leave();
        }
    }

    /// <summary>There is an answer, so the request was sent, even if the handler did not write its content.</summary>
    public void Answered()
    {
        if (Departure.LeftAt is null)
        {
            Leave();
        }
    }

    public void Beginning()
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
            Departure.Write();
            _silence?.Started();
        }

        Observer?.Left();
    }

    public void Continuing(bool isWaiting)
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
            _silence?.Wait(isWaiting);
        }

        (Departure.LeftAt is null ? null : Observer)?.Limited(isWaiting);
    }

    public void Wrote(int bytes, long left)
    {
        lock (_gate)
        {
            _left = left;
            _silence?.Sent(left);
            Departure.Wrote(left);
        }

        Observer?.Wrote(bytes);
    }

    /// <summary>Some of the answer's body was received.</summary>
    public void Received()
    {
        lock (_gate)
        {
            _silence?.Received();
        }
    }

    /// <summary>
    /// The upload is being stopped. A request without a connection, or whose ack does not matter, is abandoned at once. A fragment gets a
    /// second to end if the session is kept; otherwise only if it is not the last, and a second is enough. The ack of Create-Session is
    /// awaited, because only it has the session id; and once the last byte was sent, that of the fragment or of Close-Session, which says
    /// whether the file is there.
    /// </summary>
    public void Stop()
    {
        if (TryWithhold())
        {
            Abandon();
        }
        else if (Packet is BitsPacket.Fragment && (Observer?.KeepsSession() is true || EndsSoon()))
        {
            StopAfterGrace();
        }
        else
        {
            StopNow();
        }
    }

    /// <summary>The upload is being suspended: abandons the request, unless all of it was sent and its ack matters.</summary>
    /// <returns>Whether the request was abandoned.</returns>
    public bool TrySuspend()
    {
        // Also a last fragment whose bytes an earlier try has sent: the upload continues anyway.
        if (TryWithhold() || TryGiveUpAck() || Body?.TryWithholdEnd() is true)
        {
            Abandon();
            return true;
        }

        return false;
    }

    /// <summary>Ends the request, whatever it is. What waits for it continues on another thread.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            _handlerTimer ??= _isDisposed || Dispatch is null ? null : _time.CreateTimer(
                static dispatch => ((Dispatch)dispatch!).GiveUp(), Dispatch, Grace, Timeout.InfiniteTimeSpan);
        }

        // A callback of a handler may throw. The request ends anyway, and the exception cannot be reported anywhere.
        _ = ForeignCode.ObserveAsync(_request.CancelAsync());
    }

    /// <summary>The request was silent for this long, which is too long.</summary>
    public void GiveUp(TimeSpan silence)
    {
        lock (_gate)
        {
            (Silence, WasWritingReply) = (silence, Reply is { IsWriting: true });
        }

        Abandon();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _silence?.End();
            _silence = null;
            (_isAbandoned, _isDisposed) = (true, true);
            _handlerTimer?.Dispose();
            _stopTimer?.Dispose();
        }
    }

    private void ThrowIfAbandoned()
    {
        if (_isAbandoned)
        {
            throw new OperationCanceledException("The upload abandoned the request.", Token);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            Departure.Leave();
            _silence?.Started();
        }

        Observer?.Left();
    }

    // A request that has no connection yet never gets one.
    private bool TryWithhold()
    {
        lock (_gate)
        {
            _isAbandoned |= Departure.LeftAt is null;
            return _isAbandoned;
        }
    }

    // Some servers bind a session to its connection, so that a connection that can live must not be cut.
    private bool EndsSoon()
    {
        lock (_gate)
        {
            return Packet is BitsPacket.Fragment { IsLast: false } && _left / Body?.BytesPerSecond <= Grace.TotalSeconds;
        }
    }

    private void StopAfterGrace()
    {
        lock (_gate)
        {
            _stopTimer ??= _isAbandoned ? null : _time.CreateTimer(
                static request => ((RequestInFlight)request!).StopNow(), this, Grace, Timeout.InfiniteTimeSpan);
        }
    }

    private void StopNow()
    {
        if (TryGiveUpAck())
        {
            Abandon();
        }
        else
        {
            lock (_gate)
            {
                _silence?.Stop();
            }
        }
    }

    // False if the ack must be awaited. The end of a last fragment is withheld, if that is still possible.
    private bool TryGiveUpAck() => Packet switch
    {
        BitsPacket.Fragment { IsLast: true } => !EarlierTrySentLastBytes && Body!.TryWithholdEnd(),
        BitsPacket.Fragment or BitsPacket.Ping or BitsPacket.GetReply or BitsPacket.CancelSession => true,
        _ => false,
    };
}
