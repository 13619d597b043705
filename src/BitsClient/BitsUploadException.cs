using BitsClient.Errors;

namespace BitsClient;

/// <summary>
/// An upload failed. The message names the packet, the URL (without its query) and the cause. <see cref="Reason"/> says which kind of cause
/// it is; derived types have more details: <see cref="BitsServerException"/>, <see cref="BitsProtocolException"/>,
/// <see cref="BitsSourceChangedException"/> and <see cref="BitsUploadStalledException"/>.
/// </summary>
/// <remarks>
/// A canceled upload is a <see cref="BitsUploadCanceledException"/>, which is not a <see cref="BitsUploadException"/>. A timeout is one.
/// </remarks>
public class BitsUploadException : Exception
{
    private BitsUploadCheckpoint? _checkpoint;
    private bool _mayBeComplete;

    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public BitsUploadException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Which kind of cause the failure has. Default <see cref="BitsFailureReason.Other"/>.</summary>
    public BitsFailureReason Reason { get; init; }

    /// <summary>
    /// The destination of the upload as the caller specified it or, if the server named another host for the session, the same on that
    /// host. Null if the failure has nothing to do with a URL.
    /// </summary>
    public Uri? Url { get; init; }

    /// <summary>The packet that failed; null if no packet did.</summary>
    public BitsPacketType? PacketType { get; init; }

    /// <summary>
    /// The session id in the packet that failed; null if the packet has none (Create-Session, Ping). If no packet failed, the session that
    /// was open.
    /// </summary>
    public string? SessionId { get; init; }

    /// <summary>Whether the same request may succeed later. Default false.</summary>
    public virtual bool IsTransient { get; init; }

    /// <summary>The connection broke while the request was sent or answered, rather than being silent or refused.</summary>
    internal bool IsBrokenConnection { get; init; }

    /// <summary>
    /// The session that is still open on the server, to resume the upload or to cancel it with
    /// <see cref="IBitsUploadClient.CancelSessionAsync"/>; null if there is none. By default, a server keeps an abandoned session for
    /// 14 days.
    /// </summary>
    public BitsUploadCheckpoint? Checkpoint
    {
        get => _checkpoint;
        init => _checkpoint = value;
    }

    /// <summary>
    /// Whether the whole file may be on the server although the upload failed: every byte was sent, in this session or in an earlier one,
    /// and no ack shows that one is missing. Check the server before you upload the file again. Default false.
    /// </summary>
    public bool MayBeComplete
    {
        get => _mayBeComplete;
        init => _mayBeComplete = value;
    }

    /// <summary>Returns the message, the causes and the stack trace, without control characters that a server may have sent.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => MessageText.OfLines(base.ToString());

    /// <summary>The failure is about to be thrown: what is left of the upload on the server is known only now.</summary>
    internal void SetCheckpoint(BitsUploadCheckpoint? checkpoint, bool mayBeComplete) =>
        (_checkpoint, _mayBeComplete) = (checkpoint, mayBeComplete);
}
