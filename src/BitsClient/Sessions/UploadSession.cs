using BitsClient.Content;
using BitsClient.Protocol;
using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>One session and the channel it speaks through: it takes one turn at a time and knows afterwards where it stands, however the turn ended.</summary>
internal sealed class UploadSession(BitsChannel channel, SessionState state)
{
    private volatile SessionState _state = state;

    public SessionState State => _state;

    /// <summary>Sends a packet and applies its ack.</summary>
    /// <exception cref="BitsUploadException">The packet failed.</exception>
    /// <exception cref="OperationCanceledException">The token fired; whether the packet arrived is unknown.</exception>
    public async Task TakeTurnAsync(BitsPacket packet, FragmentContent? content, CancellationToken cancellationToken)
    {
        BitsAck ack;
        try
        {
            ack = await channel.SendAsync(packet, _state.Url, content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!NeverLeft(e))
            {
                _state = UploadMachine.Sent(_state, packet, content?.HandedOver ?? 0);
            }

            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw FailureOf(e, packet, content);
        }

        Turn turn = UploadMachine.Apply(UploadMachine.Sent(_state, packet, content?.HandedOver ?? 0), packet, ack);
        _state = turn.State;
        if (turn.Failure is not null)
        {
            throw turn.Failure;
        }
    }

    // There was no connection to send anything over.
    private static bool NeverLeft(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
    };

    private BitsUploadException FailureOf(Exception e, BitsPacket packet, FragmentContent? content)
    {
        return content?.SourceFailure switch
        {
            BitsSourceChangedException changed => changed,
            { } unreadable => Failure($"the source could not be read: {unreadable.Message}", unreadable, isTransient: false),
            null when e is OperationCanceledException { InnerException: TimeoutException } =>
                Failure("the HttpClient's own Timeout struck before the answer came; give it a longer one.", e, isTransient: true),
            null when e is HttpRequestException or IOException => Failure($"there was no answer: {e.Message}", e, isTransient: true),
            null => Failure($"the request could not be sent: {e.Message}", e, isTransient: false),
        };

        BitsUploadException Failure(string detail, Exception cause, bool isTransient) => new(AckFailure.Message(packet, _state.Url, detail), cause)
        {
            Url = _state.Url,
            PacketType = packet.Type,
            SessionId = _state.SessionId,
            IsTransient = isTransient,
        };
    }
}
