using System.Security.Authentication;
using BitsClient.Content;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>
/// One session and the channel it speaks through: it takes one turn at a time and knows afterwards where it stands, however the turn ended.
/// </summary>
internal sealed class PacketExchange(BitsChannel channel, TimeProvider time, UploadState state)
{
    // A cause may quote the server: a status line that is none, for example.
    private const int MostShown = 1000;

    private volatile UploadState _state = state;

    public UploadState State => _state;

    /// <summary>A run begins.</summary>
    public void Begin() => _state = UploadMachine.Begun(_state);

    /// <summary>It is the last: no other takes its place.</summary>
    public void End() => _state = _state with { IsLast = true };

    /// <summary>The next packet, for the host that it has to go to now; null when nothing is left to say.</summary>
    public BitsPacket? Next(HostSizeLimits learnt)
    {
        _state = learnt.Apply(HostRouting.Routed(_state, Now()));
        return UploadMachine.Next(_state);
    }

    /// <summary>Sends the packet and applies its ack.</summary>
    /// <exception cref="BitsUploadException">The packet failed, or nothing was heard of it for too long.</exception>
    /// <exception cref="OperationCanceledException">The request was abandoned; whether the packet arrived is unknown.</exception>
    public async Task TakeTurnAsync(RequestInFlight request)
    {
        (BitsPacket packet, FragmentContent? content) = (request.Packet, request.Content);
        long began = time.GetTimestamp();
        BitsAck ack;
        try
        {
            content?.CheckSource();
            ack = packet is BitsPacket.GetReply get
                ? await channel.DownloadAsync(get, request.Reply!, _state.LastStatus, request.HandOver, request.Token).ConfigureAwait(false)
                : await channel.SendAsync(packet, _state.Target, content, _state.LastStatus, request.HandOver, request.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (request.WasHandedOver && !NeverConnected(e, content))
            {
                _state = UploadMachine.Unanswered(UploadMachine.Sent(_state, packet, content?.HandedOver ?? 0), packet);
            }

            if (e is OperationCanceledException && request is { Silence: null, Token.IsCancellationRequested: true })
            {
                throw;
            }

            if (request.Reply is { } reply)
            {
                _state = ReplyRules.Received(_state, reply.Length);
            }

            BitsUploadException failure = content?.SourceFailure is null && e is BitsUploadException known ? known : FailureOf(e, request);
            if (failure.IsTransient && packet is not BitsPacket.GetReply)
            {
                _state = HostRouting.Unreached(_state, Now());
            }

            throw failure;
        }

        UploadState sent = UploadMachine.Sent(_state, packet, content?.HandedOver ?? 0);
        Transition turn = UploadMachine.Apply(sent, packet, ack, time.GetElapsedTime(began));
        _state = turn.State;
        if (turn.Failure is not null)
        {
            throw turn.Failure;
        }
    }

    /// <summary>As above, for a packet without a body that anybody may end at once.</summary>
    /// <exception cref="BitsUploadException">The packet failed, or nothing was heard of it for too long.</exception>
    /// <exception cref="OperationCanceledException">The token fired; whether the packet arrived is unknown.</exception>
    public async Task TakeTurnAsync(BitsPacket packet, RequestTimeouts limits, CancellationToken cancellationToken)
    {
        try
        {
            await TakeOneTurnAsync(packet, limits, cancellationToken).ConfigureAwait(false);
        }
        catch (BitsServerException e) when (FailureTable.Of(e, packet, _state) is Remedy.Authenticate)
        {
            await TakeOneTurnAsync(packet, limits, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TakeOneTurnAsync(BitsPacket packet, RequestTimeouts limits, CancellationToken cancellationToken)
    {
        using RequestInFlight request = new(packet, limits, time);
        using CancellationTokenRegistration ending = cancellationToken.UnsafeRegister(static pending => ((RequestInFlight)pending!).Abandon(), request);
        await TakeTurnAsync(request).ConfigureAwait(false);
    }

    /// <summary>Mends what a failure broke, so that the next turn goes on in the right way. False if nothing helps.</summary>
    public bool TryRecover(BitsPacket packet, BitsUploadException failure)
    {
        Transition turn = UploadMachine.Recover(_state, packet, failure, FailureTable.Of(failure, packet, _state));
        _state = turn.State;
        return turn.Failure is null;
    }

    private TimeSpan Now() => time.GetElapsedTime(0);

    // There was no connection to send anything over. (A handler that sends on its own account may have had one before; then bytes were handed over.)
    private static bool NeverConnected(Exception e, FragmentContent? content) => content?.HandedOver is null or 0 && e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };

    private BitsUploadException FailureOf(Exception e, RequestInFlight request) => (request.Content?.SourceFailure, request.Silence, e) switch
    {
        (BitsSourceChangedException changed, _, _) => new BitsSourceChangedException(AckFailure.Message(request.Packet, _state.Target, changed.Message))
        {
            Url = _state.Target,
            PacketType = request.Packet.Type,
            SessionId = _state.SessionId,
        },
        ({ } unreadable, _, _) => Failure(request.Packet, $"the source could not be read: {unreadable.Message}", unreadable),
        (_, { } limit, _) when !request.WasHandedOver => Failure(request.Packet, $"{nameof(BitsUploadOptions.PrepareRequest)} did not end within {MessageText.Of(limit)}.", e),
        _ when !request.WasHandedOver => Failure(request.Packet, $"{nameof(BitsUploadOptions.PrepareRequest)} failed: {e.Message}", e),
        (_, { } limit, _) when request.Reply is { IsWriting: true } =>
            Failure(request.Packet, $"the reply could not be written within {MessageText.Of(limit)}.", e, isTransient: true),
        (_, { } silence, _) => Failure(request.Packet, $"nothing was heard of the server for {MessageText.Of(silence)}.", e, isTransient: true),
        (_, _, OperationCanceledException { InnerException: TimeoutException timeout }) =>
            Failure(request.Packet, $"the HttpClient gave up: {timeout.Message}", e, isTransient: true),
        (_, _, HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) when e.GetBaseException() is AuthenticationException =>
            Failure(request.Packet, $"there is no secure connection: {e.GetBaseException().Message}", e),
        (_, _, HttpRequestException { InnerException: NotSupportedException or InvalidOperationException and not ObjectDisposedException }) =>
            Failure(request.Packet, $"the HttpClient refused the request: {e.InnerException!.Message}", e),
        (_, _, HttpRequestException or IOException) =>
            Failure(request.Packet, $"{(request.Reply is null ? "there was no answer" : "the reply did not come, or broke off")}: {e.GetBaseException().Message}", e, isTransient: true, isBrokenConnection: !NeverConnected(e, request.Content)),
        _ => Failure(request.Packet, $"the request could not be sent: {e.Message}", e),
    };

    private BitsUploadException Failure(BitsPacket packet, string detail, Exception cause, bool isTransient = false, bool isBrokenConnection = false) =>
        new(AckFailure.Message(packet, TargetOf(packet), AckFailure.Cut(detail, MostShown)), cause)
        {
            Url = TargetOf(packet),
            PacketType = packet.Type,
            SessionId = AckFailure.SessionIdOf(packet),
            IsTransient = isTransient,
            IsBrokenConnection = isBrokenConnection,
        };

    private Uri TargetOf(BitsPacket packet) => packet is BitsPacket.GetReply get ? get.Url : _state.Target;
}
