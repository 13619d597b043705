using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using BitsClient.Errors;
using BitsClient.Protocol;
using Polly;

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
    /// <param name="httpTimeout">The <see cref="HttpClient.Timeout"/>.</param>
    /// <param name="sizeAdvice">What a connection that breaks may mean, as sentences that follow a space; empty for nothing.</param>
    /// <param name="hasFallback">Whether the packet goes to another host if this one stays unreachable, whatever the reason.</param>
    public static BitsUploadException Of(
        Exception e, RequestInFlight request, Uri url, string? sessionId, TimeSpan httpTimeout, string sizeAdvice = "",
        bool hasFallback = false)
    {
        if (request.Body?.SourceFailure is { } source)
        {
            return OfSource(source, request.Packet, url, sessionId);
        }

        if (request.Body?.LimiterFailure is { } limiter)
        {
            return OfPacket(request.Packet, url, BitsFailureReason.Hook, $"the RateLimiter failed: {limiter.Message}", limiter);
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

        return request.Silence is { } silence
            ? OfSilence(e, request, url, silence)
            : OfHandler(e, request, url, httpTimeout) ?? OfNetwork(e, request, url, sizeAdvice, hasFallback);
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
        if (request.Body is { IsReading: true })
        {
            return OfPacket(
                request.Packet, url, BitsFailureReason.Source, $"the source could not be read within {limit}.", e, isTransient: true);
        }

        return request.WasWritingReply
            ? OfPacket(
                request.Packet, url, BitsFailureReason.Reply, $"the reply could not be written within {limit}.", e, isTransient: true)
            : OfPacket(
                request.Packet, url, BitsFailureReason.Timeout, $"there was no response from the server for {limit}.", e,
                isTransient: true);
    }

    // What comes of the HttpClient or its handlers, rather than of the network. What may have been sent before is unknown.
    private static BitsUploadException? OfHandler(Exception e, RequestInFlight request, Uri url, TimeSpan httpTimeout)
    {
        (BitsFailureReason Reason, string Detail, bool IsTransient)? told = e switch
        {
            // Only HttpClient.Timeout replaces the exception of a request that was canceled.
            OperationCanceledException { InnerException: TimeoutException { InnerException: OperationCanceledException } } =>
                (BitsFailureReason.Timeout, OfHttpTimeout(httpTimeout), true),
            OperationCanceledException { InnerException: TimeoutException timeout } =>
                (BitsFailureReason.Timeout, $"the HttpClient timed out: {timeout.Message}", true),
            TimeoutException => (BitsFailureReason.Timeout, $"a handler of the HttpClient timed out: {e.Message}", true),
            ExecutionRejectedException => (
                BitsFailureReason.Handler, $"a resilience handler of the HttpClient rejected the request: {e.Message}", true),
            OperationCanceledException => (
                BitsFailureReason.Handler, "the HttpClient or one of its handlers canceled the request.", true),
            ObjectDisposedException disposed => (
                BitsFailureReason.Handler,
                $"the HttpClient or one of its handlers was disposed ({disposed.ObjectName}); dispose it after its uploads have ended.",
                false),
            // On .NET Framework, a WebException is what became of the connection.
            HttpRequestException { InnerException: WebException } or WebException => null,
            HttpRequestException { InnerException: NotSupportedException or (InvalidOperationException and not ObjectDisposedException) } =>
                (BitsFailureReason.Handler, $"the HttpClient refused the request: {e.InnerException!.Message}", false),
            HttpRequestException or IOException or SocketException => null,
            _ => (BitsFailureReason.Handler, $"the request could not be sent: {e.Message}", false),
        };
        return told is { } handler
            ? OfPacket(request.Packet, url, handler.Reason, handler.Detail, e, handler.IsTransient)
            : null;
    }

    private static string OfHttpTimeout(TimeSpan timeout) => string.Create(
        CultureInfo.InvariantCulture,
        $"the HttpClient.Timeout of {timeout.TotalSeconds:0.###} s elapsed. Set it to Timeout.InfiniteTimeSpan; the upload has timeouts of "
        + $"its own.");

    private static BitsUploadException OfNetwork(
        Exception e, RequestInFlight request, Uri url, string sizeAdvice, bool hasFallback)
    {
        Exception cause = e.GetBaseException();
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && cause is AuthenticationException)
        {
            return OfPacket(
                request.Packet, url, BitsFailureReason.Network, $"there is no secure connection: {cause.Message}", e, hasFallback);
        }

        bool isBroken = request.Departure.LeftAt is not null;
        string broken = request.Reply is null ? "there was no answer" : "the download of the reply was interrupted";
        return OfPacket(
            request.Packet, url, BitsFailureReason.Network, $"{broken}: {cause.Message}{(isBroken ? sizeAdvice : "")}", e,
            isTransient: true, isBrokenConnection: isBroken);
    }

    private static BitsUploadException OfPacket(
        BitsPacket packet, Uri url, BitsFailureReason reason, string detail, Exception cause, bool isTransient = false,
        bool isBrokenConnection = false) =>
        Failure.OfPacket(packet, url, reason, MessageText.OfServerText(detail, MaxDetailLength), cause, isTransient, isBrokenConnection);
}
