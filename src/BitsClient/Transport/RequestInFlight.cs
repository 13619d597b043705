using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// The request in flight, and what ends it before its ack: a stop, or silence. Silence is limited and not duration: each piece of the body that gets out
/// begins the time anew.
/// </summary>
internal sealed class RequestInFlight : IDisposable
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _request = new();
    private readonly RequestTimeouts _limits;
    private readonly ITimer _silence;
    private long _bytesLeft;
    private bool _receiving;
    private bool _stopping;
    private bool _withheld;

    public RequestInFlight(BitsPacket packet, RequestTimeouts limits, TimeProvider time)
    {
        Packet = packet;
        _limits = limits;
        _bytesLeft = packet is BitsPacket.Fragment fragment ? fragment.Length : 0;
        _silence = time.CreateTimer(static request => ((RequestInFlight)request!).GiveUp(), this, Allowed, Timeout.InfiniteTimeSpan);
    }

    public BitsPacket Packet { get; }

    /// <summary>A fragment's bytes; null for every other packet.</summary>
    public FragmentContent? Content { get; set; }

    /// <summary>A download; null for every packet.</summary>
    public ReplyDownload? Reply { get; set; }

    /// <summary>An earlier try has sent the file's last bytes already.</summary>
    public bool LastFragmentSent { get; init; }

    /// <summary>Fires when the request is to end without its ack.</summary>
    public CancellationToken Token => _request.Token;

    /// <summary>The request was given to the handler: from then on it may arrive.</summary>
    public bool WasHandedOver { get; private set; }

    /// <summary>The silence that ended the request; null when something else did.</summary>
    public TimeSpan? Silence { get; private set; }

    // While sending or receiving, some of the body has to get out; after that an application behind the server may take its time (MC-BUP 3.1.2).
    private TimeSpan Allowed => _stopping ? _limits.Cancel : _bytesLeft > 0 || _receiving ? _limits.Stall : _limits.Response;

    /// <summary>The request is about to be given to the handler. That and a stop that abandons it exclude each other.</summary>
    /// <exception cref="OperationCanceledException">The upload is to stop, and nothing has left yet.</exception>
    public void HandOver()
    {
        lock (_gate)
        {
            if (_withheld)
            {
                throw new OperationCanceledException("The upload was stopped before the request had left.", Token);
            }

            WasHandedOver = true;
            Rearm();
        }
    }

    /// <summary>So many bytes of the body got out.</summary>
    public void Sent(int bytes)
    {
        lock (_gate)
        {
            _bytesLeft -= bytes;
            Rearm();
        }
    }

    /// <summary>Some of the answer's body has come.</summary>
    public void Received()
    {
        lock (_gate)
        {
            _receiving = true;
            Rearm();
        }
    }

    /// <summary>
    /// The upload is to stop. The request is abandoned at once where nothing depends on its ack. The ack of a Create-Session is waited for, because it
    /// alone tells the session's name; and once the file's last byte has left, the ack of that fragment, or of Close-Session, because it tells
    /// whether the file is there.
    /// </summary>
    public void Stop()
    {
        if (!TryAbandon(MayBeAbandoned()))
        {
            lock (_gate)
            {
                _stopping = true;
                _silence.Change(Allowed, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>The upload is to stand still: abandons the request, unless nothing of it is left to send and its ack matters.</summary>
    public bool TryAbandon() => TryAbandon(MayBeAbandoned() || Packet is BitsPacket.Fragment && Content!.TryAbandon());

    /// <summary>Ends the request whatever it is.</summary>
    public void Abandon()
    {
        try
        {
            _request.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of some handler's own threw. The request is canceled all the same, and this is no place to tell it.
        }
    }

    public void Dispose() => _silence.Dispose();

    private void Rearm()
    {
        if (!_stopping)
        {
            _silence.Change(Allowed, Timeout.InfiniteTimeSpan);
        }
    }

    private bool TryAbandon(bool may)
    {
        if (may)
        {
            Abandon();
        }

        return may;
    }

    private bool MayBeAbandoned() => Withhold() || Packet switch
    {
        BitsPacket.Fragment { IsLast: true } => !LastFragmentSent && Content!.TryAbandon(),
        BitsPacket.Fragment or BitsPacket.Ping or BitsPacket.GetReply or BitsPacket.CancelSession => true,
        _ => false,
    };

    // What has not left yet never will.
    private bool Withhold()
    {
        lock (_gate)
        {
            return _withheld = !WasHandedOver;
        }
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            Silence = Allowed;
        }

        Abandon();
    }
}
