namespace BitsClient.Testing.Sessions;

/// <summary>What a session says to a packet.</summary>
internal enum Verdict
{
    Accepted,

    /// <summary>The session was closed, canceled or lost.</summary>
    Gone,

    /// <summary>A later packet of the session was handled first, so this one must not change anything any more.</summary>
    Superseded,

    /// <summary>The fragment does not start where it has to.</summary>
    OutOfPlace,

    /// <summary>The fragment tells another file length than those before it.</summary>
    TotalChanged,

    /// <summary>Bytes are missing.</summary>
    Incomplete,
}
