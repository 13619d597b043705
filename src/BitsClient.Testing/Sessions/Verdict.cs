namespace BitsClient.Testing.Sessions;

/// <summary>Whether a session accepts a packet, and if not, why.</summary>
internal enum Verdict
{
    Accepted,

    /// <summary>The session is closed, canceled or lost.</summary>
    Gone,

    /// <summary>A later packet of the session was handled first, so that this one must have no effect.</summary>
    Superseded,

    /// <summary>The fragment does not start at an allowed offset.</summary>
    OutOfPlace,

    /// <summary>The fragment's total length differs from that of earlier fragments.</summary>
    TotalChanged,

    /// <summary>Bytes of the file are missing.</summary>
    Incomplete,
}
