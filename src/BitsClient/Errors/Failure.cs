using BitsClient.Protocol;

namespace BitsClient.Errors;

/// <summary>
/// Makes the exceptions of a failed upload, so that all of them name the packet, the URL and the session in the same way.
/// </summary>
internal static class Failure
{
    /// <summary>A packet failed.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="url">Where it was sent.</param>
    /// <param name="reason">Which kind of cause it has.</param>
    /// <param name="detail">What failed, as a sentence that follows a colon.</param>
    /// <param name="cause">The exception behind it; null for none.</param>
    /// <param name="isTransient">Whether the same request may succeed later.</param>
    /// <param name="isBrokenConnection">Whether the connection broke while the request was sent or answered.</param>
    public static BitsUploadException OfPacket(
        BitsPacket packet, Uri url, BitsFailureReason reason, string detail, Exception? cause = null, bool isTransient = false,
        bool isBrokenConnection = false) =>
        new(MessageText.OfPacket(packet, url, detail), cause)
        {
            Reason = reason,
            Url = url,
            PacketType = packet.Type,
            SessionId = packet.SessionIdOrNull,
            IsTransient = isTransient,
            IsBrokenConnection = isBrokenConnection,
        };

    /// <summary>The server answered a packet with an error status.</summary>
    public static BitsServerException OfServer(BitsPacket packet, Uri url, BitsAck ack, string detail) =>
        new(MessageText.OfPacket(packet, url, detail), ack.StatusCode)
        {
            ErrorCode = ack.ErrorCode,
            ErrorContext = ack.ErrorContext,
            RetryAfter = ack.RetryAfter,
            IsAck = ack.IsAck,
            Url = url,
            PacketType = packet.Type,
            SessionId = packet.SessionIdOrNull,
        };

    /// <summary>The answer to a packet violates the protocol.</summary>
    public static BitsProtocolException OfProtocol(
        BitsPacket packet, Uri url, string detail, string? header = null, string? value = null) =>
        new(MessageText.OfPacket(packet, url, detail), header, value is null ? null : MessageText.OfServerText(value))
        {
            Url = url,
            PacketType = packet.Type,
            SessionId = packet.SessionIdOrNull,
        };

    /// <summary>The source has changed; found while a packet was sent, or before it.</summary>
    public static BitsSourceChangedException OfChangedSource(
        string detail, Uri? url = null, BitsPacket? packet = null, string? sessionId = null) =>
        new(packet is null ? detail : MessageText.OfPacket(packet, url!, detail))
        {
            Url = url,
            PacketType = packet?.Type,
            SessionId = sessionId,
        };

    /// <summary>The source is not the one that the checkpoint was taken of.</summary>
    public static BitsSourceChangedException OfOtherSource(BitsUploadCheckpoint checkpoint, string difference) =>
        new($"The source is not the one whose upload is being resumed: {difference} Cancel the session, and upload the source again.")
        {
            Url = checkpoint.Url,
            SessionId = checkpoint.SessionId,
            Checkpoint = checkpoint,
            MayBeComplete = checkpoint.MayBeComplete || checkpoint.EarlierSessionMayBeComplete,
        };

    /// <summary>The source could not be read before a packet was sent.</summary>
    public static BitsUploadException OfUnreadableSource(Exception cause, Uri url, string? sessionId) =>
        new($"The source could not be read: {cause.Message}", cause)
        {
            Reason = BitsFailureReason.Source,
            IsTransient = cause is TimeoutException,
            Url = url,
            SessionId = sessionId,
        };

    /// <summary>The upload made no progress for too long.</summary>
    public static BitsUploadStalledException OfStall(Uri url, string? sessionId, string detail, BitsUploadException? lastFailure) =>
        new(lastFailure is null ? detail : $"{detail} The last failure: {lastFailure.Message}", lastFailure)
        {
            Url = url,
            PacketType = lastFailure?.PacketType,
            SessionId = sessionId,
        };

    /// <summary>The store knows another session of the upload that is to be resumed, or no longer knows the upload.</summary>
    public static BitsUploadException OfOutdatedCheckpoint(Uri url, string? sessionId, bool isStored) =>
        new(isStored
            ? "The upload was resumed elsewhere in the meantime and has another session now. Load its checkpoint again."
            : "The upload is no longer in the checkpoint store: another run has completed, canceled or forgotten it in the meantime.")
        {
            Reason = BitsFailureReason.Store,
            Url = url,
            SessionId = sessionId,
        };
}
