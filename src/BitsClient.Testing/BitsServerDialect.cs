namespace BitsClient.Testing;

/// <summary>The documentation that the server follows where the two sources disagree.</summary>
public enum BitsServerDialect
{
    /// <summary>
    /// The open specification [MC-BUP]: the server answers a fragment that starts below its offset with 416 and that offset, and the
    /// file appears at its destination on Close-Session.
    /// </summary>
    McBup,

    /// <summary>
    /// The Win32 reference: the server writes only the new bytes of a fragment that starts below its offset, and the file appears at
    /// its destination when the last fragment is complete. A later Cancel-Session does not delete the file.
    /// </summary>
    Win32,
}
