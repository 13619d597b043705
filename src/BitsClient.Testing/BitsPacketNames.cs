namespace BitsClient.Testing;

/// <summary>The values of <c>BITS-Packet-Type</c> that a client can send. Use them to select packets for gates and faults.</summary>
public static class BitsPacketNames
{
    /// <summary>Checks whether a BITS server answers.</summary>
    public const string Ping = "Ping";

    /// <summary>Creates a session; its ack contains the session id.</summary>
    public const string CreateSession = "Create-Session";

    /// <summary>Carries a range of the file.</summary>
    public const string Fragment = "Fragment";

    /// <summary>Closes a session that has received the whole file.</summary>
    public const string CloseSession = "Close-Session";

    /// <summary>Cancels a session.</summary>
    public const string CancelSession = "Cancel-Session";

    /// <summary>Not a packet type, but the download of a reply or of a range of it. Gates and faults accept it like one.</summary>
    public const string ReplyDownload = "GET";
}
