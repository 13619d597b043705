namespace BitsClient;

/// <summary>
/// An upload failed. The message names the packet, the URL (without its query) and the cause. Derived types tell who is to blame: the server refused
/// (<see cref="BitsServerException"/>), the server made no sense (<see cref="BitsProtocolException"/>), the source changed
/// (<see cref="BitsSourceChangedException"/>). This type itself stands for a network that failed or a source that could not be read: its inner exception tells.
/// </summary>
/// <remarks>A canceled upload is a <see cref="BitsUploadCanceledException"/>, which is no <see cref="BitsUploadException"/>. A time-out is one.</remarks>
public class BitsUploadException : Exception
{
    internal BitsUploadException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// The destination of the upload as it was given or, in a session for which the server named another host, the same on that host; null when no
    /// URL had a part in it.
    /// </summary>
    public Uri? Url { get; internal init; }

    /// <summary>The packet that failed; null when the failure was none of a packet's.</summary>
    public BitsPacketType? PacketType { get; internal init; }

    /// <summary>The session that the packet named; null for one that names none (Create-Session, Ping). Where no packet failed, the session that was open.</summary>
    public string? SessionId { get; internal init; }

    /// <summary>Whether the same request may well succeed later. Default false.</summary>
    public virtual bool IsTransient { get; internal init; }

    /// <summary>The connection broke, rather than being silent or refused.</summary>
    internal bool IsBrokenConnection { get; init; }

    /// <summary>
    /// The session that is still open on the server, to be canceled with <see cref="IBitsUploadClient.CancelSessionAsync"/>; null when there is none.
    /// A server keeps a session that nobody ends for 14 days by default.
    /// </summary>
    public BitsUploadCheckpoint? Checkpoint { get; internal set; }
}
