using System.Net.Http.Headers;
using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// One request: whether and how many times it was written to a connection, and what ends it before its ack, which is a stop of the upload,
/// or no response for too long.
/// </summary>
/// <remarks>
/// The loop that sends the request, the thread that writes its content, the timer, and callers that stop or suspend the upload use it at
/// the same time. The lock guards all fields, and so decides whether the request left or is withheld. No callback is called under it.
/// </remarks>
internal sealed class RequestInFlight : IContentObserver, IDisposable
{
    /// <summary>How long the handler may take to end a request that was abandoned.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _request = new();
    private readonly CancellationTokenSource _handler = new();
    private readonly SilenceTimer _silence;
    private HttpRequestMessage? _message;
    private (AuthenticationHeaderValue?, AuthenticationHeaderValue?) _credentials;
    private ITimer? _grace;
    private int _writes;
    private bool _isAbandoned;

    public RequestInFlight(BitsPacket packet, RequestTimeouts timeouts, TimeProvider time)
    {
        Packet = packet;
        _time = time;
        Content = packet is BitsPacket.GetReply ? null : new PacketContent(this);
        _silence = new SilenceTimer(packet is BitsPacket.Fragment fragment ? fragment.Length : 0, timeouts, time, GiveUp);
    }

    public BitsPacket Packet { get; }

    /// <summary>The content of the packet; null for the download of a reply.</summary>
    public PacketContent? Content { get; set; }

    /// <summary>The bytes of a fragment; null for every other packet.</summary>
    public FragmentContent? Body => Content as FragmentContent;

    /// <summary>The download of a reply; null for every packet.</summary>
    public ReplyDownload? Reply { get; set; }

    /// <summary>Called when the request first has a connection.</summary>
    public Action? OnLeft { get; init; }

    /// <summary>Called with the number of bytes of each part of the body that was written.</summary>
    public Action<int>? OnWrote { get; init; }

    /// <summary>
    /// An earlier attempt has already sent the last bytes of the file, so that abandoning this one would not keep the server from having
    /// them: its ack is awaited.
    /// </summary>
    public bool EarlierTrySentLastBytes { get; init; }

    /// <summary>A body that is written twice may be stored twice, so only a challenge may make the handler write it again.</summary>
    public bool ForbidsRepetition { get; init; }

    /// <summary>Fires when the request is to end without its ack.</summary>
    public CancellationToken Token => _request.Token;

    /// <summary>Fires when the handler did not end the request that was abandoned: it is no longer waited for.</summary>
    public CancellationToken GaveUpHandler => _handler.Token;

    /// <summary>The request was handed to the handler, which may wait for a free connection before it sends it.</summary>
    public bool WasHandedOver { get; private set; }

    /// <summary>When the request first had a connection, as a time stamp; null while it had none, and nothing can have arrived.</summary>
    public long? LeftAt { get; private set; }

    /// <summary>How many times the handler wrote the request again.</summary>
    public int Repetitions => Math.Max(0, _writes - 1);

    /// <summary>
    /// How many times the handler wrote the request again, or tried to, without a challenge: the server may have handled the packet twice.
    /// </summary>
    public int UnexplainedRepetitions { get; private set; }

    /// <summary>The handler was kept from writing a body again.</summary>
    public bool RefusedRepetition { get; private set; }

    /// <summary>How long the silence lasted that ended the request; null if something else ended it.</summary>
    public TimeSpan? Silence { get; private set; }

    /// <summary>
    /// The request is about to be handed to the handler. There is no limit until it has a connection, but for the time that the upload may
    /// make no progress. The download of a reply has no content to tell that, and so counts as sent at once.
    /// </summary>
    /// <exception cref="OperationCanceledException">The upload was stopped before.</exception>
    public void HandOver(HttpRequestMessage message)
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
            WasHandedOver = true;
            _message = message;
            _silence.Pause();
        }

        if (Content is null)
        {
            Leave();
        }
    }

    /// <summary>There is an answer, so the request was sent, even if the handler did not write its content.</summary>
    public void Answered()
    {
        if (LeftAt is null)
        {
            Leave();
        }
    }

    /// <inheritdoc />
    public void Beginning()
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
            ThrowIfRepeated();
            _writes++;
            _credentials = CredentialsOf(_message);
            SetLeft();
        }

        OnLeft?.Invoke();
    }

    /// <inheritdoc />
    public void Continuing()
    {
        lock (_gate)
        {
            ThrowIfAbandoned();
        }
    }

    /// <inheritdoc />
    public void Wrote(int bytes, long left)
    {
        lock (_gate)
        {
            _silence.Sent(left);
        }

        OnWrote?.Invoke(bytes);
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
    /// The upload is being stopped. Abandons the request at once if it has no connection yet, or if nothing depends on its ack. The ack of
    /// Create-Session is awaited, because only it contains the session id; and once the last byte of the file was sent, the ack of that
    /// fragment or of Close-Session, because it says whether the file is there.
    /// </summary>
    public void Stop()
    {
        if (TryWithhold() || TryDoWithoutAck())
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
    public bool TrySuspend()
    {
        // Unlike a stop, a suspension may also abandon a last fragment whose bytes an earlier try has sent: the upload continues anyway.
        bool isAbandoned = TryWithhold() || TryDoWithoutAck() || Body?.TryWithholdEnd() is true;
        if (isAbandoned)
        {
            Abandon();
        }

        return isAbandoned;
    }

    /// <summary>Ends the request, whatever it is. What waits for it continues on another thread.</summary>
    public void Abandon()
    {
        BeginEnd();
        _ = EndAsync();

        // A callback of a handler may throw. The request ends anyway, and the exception cannot be reported anywhere.
        async Task EndAsync() => await _request.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _silence.Dispose();
        lock (_gate)
        {
            _isAbandoned = true;
            _grace?.Dispose();
        }
    }

    private static (AuthenticationHeaderValue?, AuthenticationHeaderValue?) CredentialsOf(HttpRequestMessage? message) =>
        (message?.Headers.Authorization, message?.Headers.ProxyAuthorization);

    private void ThrowIfAbandoned()
    {
        if (_isAbandoned)
        {
            throw new OperationCanceledException("The upload abandoned the request.", Token);
        }
    }

    // A handler that answers a challenge sends the request again with other credentials. The server did not handle the one before.
    private void ThrowIfRepeated()
    {
        if (_writes == 0 || CredentialsOf(_message) is var credentials && credentials != _credentials && credentials != default)
        {
            return;
        }

        UnexplainedRepetitions++;
        if (ForbidsRepetition)
        {
            RefusedRepetition = true;
            throw new InvalidOperationException("The content of this request must not be sent twice.");
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            SetLeft();
        }

        OnLeft?.Invoke();
    }

    private void SetLeft()
    {
        LeftAt ??= _time.GetTimestamp();
        _silence.Started();
    }

    // A request that has no connection yet never gets one.
    private bool TryWithhold()
    {
        lock (_gate)
        {
            _isAbandoned |= LeftAt is null;
            return _isAbandoned;
        }
    }

    private bool TryDoWithoutAck() => Packet switch
    {
        BitsPacket.Fragment { IsLast: true } => !EarlierTrySentLastBytes && Body!.TryWithholdEnd(),
        BitsPacket.Fragment or BitsPacket.Ping or BitsPacket.GetReply or BitsPacket.CancelSession => true,
        _ => false,
    };

    private void BeginEnd()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            _grace ??= _time.CreateTimer(
                static handler => ((CancellationTokenSource)handler!).Cancel(), _handler, Grace, Timeout.InfiniteTimeSpan);
        }
    }

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
