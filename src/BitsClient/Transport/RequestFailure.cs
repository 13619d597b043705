using System.Security.Authentication;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// Converts the exception that a request ended with to the exception that the caller gets. Read each method from the top: the first case
/// that matches applies.
/// </summary>
internal static class RequestFailure
{
    // A cause may quote the server, for example an invalid status line.
    private const int MaxDetailLength = 1000;

    /// <param name="e">The exception.</param>
    /// <param name="request">The request that ended with it.</param>
    /// <param name="url">Where the request was sent.</param>
    /// <param name="sessionId">The session that is open; null for none.</param>
    public static BitsUploadException Of(Exception e, RequestInFlight request, Uri url, string? sessionId)
    {
        if (request.Body?.SourceFailure is { } source)
        {
            return OfSource(source, request.Packet, url, sessionId);
        }

        if (e is BitsUploadException known)
        {
            return known;
        }

        if (!request.Departure.WasHandedOver)
        {
            return OfHook(e, request, url);
        }

        if (request.Departure.RefusedRepetition)
        {
            return OfRepeatedBody(e, request, url);
        }

        return request.Silence is { } silence ? OfSilence(e, request, url, silence) : OfNetwork(e, request, url);
    }

    private static BitsUploadException OfSource(Exception source, BitsPacket packet, Uri url, string? sessionId) =>
        source is BitsSourceChangedException
            ? Failure.OfChangedSource(source.Message, url, packet, sessionId)
            : OfPacket(packet, url, BitsFailureReason.Source, $"the source could not be read: {source.Message}", source);

    private static BitsUploadException OfHook(Exception e, RequestInFlight request, Uri url)
    {
        const string Hook = nameof(BitsUploadOptions.PrepareRequest);
        string detail = request.Silence is { } limit
            ? $"{Hook} did not return within {MessageText.Of(limit)}."
            : $"{Hook} failed: {e.Message}";
        return OfPacket(request.Packet, url, BitsFailureReason.Hook, detail, e);
    }

    private static BitsUploadException OfRepeatedBody(Exception e, RequestInFlight request, Uri url)
    {
        const string Detail =
            "a handler of the HttpClient tried to send the fragment again, and the server might have stored its bytes twice. The "
            + "upload itself retries packets: use an HttpClient without a retry or resilience handler.";
        return OfPacket(request.Packet, url, BitsFailureReason.Handler, Detail, e, isTransient: true);
    }

    private static BitsUploadException OfSilence(Exception e, RequestInFlight request, Uri url, TimeSpan silence)
    {
        string limit = MessageText.Of(silence);
        return request.WasWritingReply
            ? OfPacket(
                request.Packet, url, BitsFailureReason.Reply, $"the reply could not be written within {limit}.", e, isTransient: true)
            : OfPacket(
                request.Packet, url, BitsFailureReason.Timeout, $"there was no response from the server for {limit}.", e,
                isTransient: true);
    }

    private static BitsUploadException OfNetwork(Exception e, RequestInFlight request, Uri url)
    {
        BitsPacket packet = request.Packet;
        string cause = e.GetBaseException().Message;
        string broken = request.Reply is null ? "there was no answer" : "the download of the reply was interrupted";
        return e switch
        {
            OperationCanceledException { InnerException: TimeoutException timeout } =>
                OfPacket(packet, url, BitsFailureReason.Timeout, $"the HttpClient timed out: {timeout.Message}", e, isTransient: true),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
                when e.GetBaseException() is AuthenticationException =>
                OfPacket(packet, url, BitsFailureReason.Network, $"there is no secure connection: {cause}", e),
            HttpRequestException { InnerException: NotSupportedException or (InvalidOperationException and not ObjectDisposedException) } =>
                OfPacket(packet, url, BitsFailureReason.Handler, $"the HttpClient refused the request: {e.InnerException!.Message}", e),
            HttpRequestException or IOException =>
                OfPacket(
                    packet, url, BitsFailureReason.Network, $"{broken}: {cause}", e, isTransient: true,
                    isBrokenConnection: request.Departure.LeftAt is not null),
            _ => OfPacket(packet, url, BitsFailureReason.Handler, $"the request could not be sent: {e.Message}", e),
        };
    }

    private static BitsUploadException OfPacket(
        BitsPacket packet, Uri url, BitsFailureReason reason, string detail, Exception cause, bool isTransient = false,
        bool isBrokenConnection = false) =>
        Failure.OfPacket(packet, url, reason, MessageText.OfServerText(detail, MaxDetailLength), cause, isTransient, isBrokenConnection);
}
