using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>One request, and what ends it before its ack: a stop of the upload, or no response for too long.</summary>
/// <remarks>
/// The loop that sends the request, the thread that sends its body, the timer, and callers that stop or suspend the upload use it at the
/// same time. The lock guards the timer and the decision whether the request was handed over or is withheld. No callback is called under
/// it.
/// </remarks>
internal sealed class RequestInFlight : IDisposable
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _request = new();
    private readonly SilenceTimer _silence;
    private bool _isWithheld;

    public RequestInFlight(BitsPacket packet, RequestTimeouts timeouts, TimeProvider time)
    {
        Packet = packet;
        _silence = new SilenceTimer(packet is BitsPacket.Fragment fragment ? fragment.Length : 0, timeouts, time, GiveUp);
    }

    public BitsPacket Packet { get; }

    /// <summary>The bytes of a fragment; null for every other packet.</summary>
    public FragmentContent? Content { get; set; }

    /// <summary>The download of a reply; null for every packet.</summary>
    public ReplyDownload? Reply { get; set; }

    /// <summary>
    /// An earlier attempt has already sent the last bytes of the file, so that abandoning this one would not keep the server from having
    /// them: its ack is awaited.
    /// </summary>
    public bool EarlierTrySentLastBytes { get; init; }

    /// <summary>Fires when the request is to end without its ack.</summary>
    public CancellationToken Token => _request.Token;

    /// <summary>The request was handed to the handler: from then on it may arrive.</summary>
    public bool WasDispatched { get; private set; }

    /// <summary>How long the silence lasted that ended the request; null if something else ended it.</summary>
    public TimeSpan? Silence { get; private set; }

    /// <summary>The request is about to be handed to the handler. Either that happens, or a stop withholds it; never both.</summary>
    /// <exception cref="OperationCanceledException">The upload was stopped before.</exception>
    public void MarkDispatched()
    {
        lock (_gate)
        {
            if (_isWithheld)
            {
                throw new OperationCanceledException("The upload was stopped before the request was sent.", Token);
            }

            WasDispatched = true;
            _silence.Started();
        }
    }

    /// <summary>This many bytes of the body were sent.</summary>
    public void Sent(int bytes)
    {
        lock (_gate)
        {
            _silence.Sent(bytes);
        }
    }

    /// <summary>Some of the answer's body was received.</summary>
    public void Received()
    {
        lock (_gate)
        {
            _silence.Received();
        }
    }

    /// <summary>
    /// The upload is being stopped. Abandons the request at once if nothing depends on its ack. The ack of Create-Session is awaited,
    /// because only it contains the session id; and once the last byte of the file was sent, the ack of that fragment or of Close-Session,
    /// because it says whether the file is there.
    /// </summary>
    public void Stop()
    {
        if (TryWithhold() || TryAbandonForStop())
        {
            Abandon();
            return;
        }

        lock (_gate)
        {
            _silence.Stop();
        }
    }

    /// <summary>The upload is being suspended: abandons the request, unless all of it was sent and its ack matters.</summary>
    /// <returns>Whether the request was abandoned.</returns>
    public bool TryAbandon()
    {
        // Unlike a stop, a suspension may also abandon a last fragment whose bytes an earlier try has sent: the upload continues anyway.
        bool isAbandoned = TryWithhold() || TryAbandonForStop() || (Packet is BitsPacket.Fragment && Content!.TryAbandon());
        if (isAbandoned)
        {
            Abandon();
        }

        return isAbandoned;
    }

    /// <summary>Ends the request, whatever it is.</summary>
    public void Abandon()
    {
        try
        {
            _request.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of a handler threw. The request is canceled anyway, and the exception cannot be reported anywhere.
        }
    }

    public void Dispose() => _silence.Dispose();

    // A request that was not handed over yet never will be.
    private bool TryWithhold()
    {
        lock (_gate)
        {
            _isWithheld = !WasDispatched;
            return _isWithheld;
        }
    }

    private bool TryAbandonForStop() => Packet switch
    {
        BitsPacket.Fragment { IsLast: true } => !EarlierTrySentLastBytes && Content!.TryAbandon(),
        BitsPacket.Fragment or BitsPacket.Ping or BitsPacket.GetReply or BitsPacket.CancelSession => true,
        _ => false,
    };

    // The timer is passed along, because it may fire before the constructor has assigned it.
    private void GiveUp(SilenceTimer silence)
    {
        lock (_gate)
        {
            Silence = silence.Limit;
        }

        Abandon();
    }
}
