namespace BitsClient;

/// <summary>How an upload continues after a failure that leaves it unknown how much of a fragment the server has.</summary>
public enum BitsResendPolicy
{
    /// <summary>
    /// Sends a fragment of the minimum size from the last known offset; its ack reports the server's offset. Correct for every server that
    /// conforms to the protocol.
    /// </summary>
    Resynchronize,

    /// <summary>Cancels the session, and starts over at the first byte in a new one. For servers that append resent bytes.</summary>
    NewSession,
}
