namespace BitsClient;

/// <summary>How an upload continues after a failure that leaves it unknown how much of a fragment the server has.</summary>
public enum BitsResendPolicy
{
    /// <summary>
    /// Finds out first whether the server keeps the offset of a session: sends one byte again that was acknowledged, which a server that
    /// keeps offsets ignores, and once more if the answer is not conclusive. If it does, as <see cref="Resynchronize"/>; if not, as
    /// <see cref="NewSession"/>. The client remembers the answer for the host. While fewer than two bytes were acknowledged, there is
    /// nothing to find out with, and a new session begins.
    /// </summary>
    Detect,

    /// <summary>
    /// Sends a small fragment (the minimum size, at most 5 KiB) from the last known offset; its ack reports the server's offset. Correct
    /// for every server that conforms to the protocol.
    /// </summary>
    Resynchronize,

    /// <summary>Cancels the session, and starts over at the first byte in a new one. For servers that append resent bytes.</summary>
    NewSession,
}
