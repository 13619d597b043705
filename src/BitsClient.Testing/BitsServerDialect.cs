namespace BitsClient.Testing;

/// <summary>Which of the two documented behaviours the server follows where they disagree.</summary>
public enum BitsServerDialect
{
    /// <summary>
    /// The open specification [MC-BUP]: a fragment that starts below the server's offset is answered 416 with that offset,
    /// and the file appears at its destination on Close-Session.
    /// </summary>
    McBup,

    /// <summary>
    /// The Win32 reference: of a fragment that starts below the server's offset only the new tail is written, and the file
    /// appears at its destination when the last fragment is complete. A Cancel-Session after that doesn't touch the file.
    /// </summary>
    Win32,
}
