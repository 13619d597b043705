namespace BitsClient.Testing;

/// <summary>The values of <c>BITS-Packet-Type</c> that a client may send, to name them to gates and faults.</summary>
public static class BitsPacketNames
{
    /// <summary>Asks whether the server is there.</summary>
    public const string Ping = "Ping";

    /// <summary>Opens a session; its ack carries the session id.</summary>
    public const string CreateSession = "Create-Session";

    /// <summary>Carries a range of the file.</summary>
    public const string Fragment = "Fragment";

    /// <summary>Ends a session whose bytes have all arrived.</summary>
    public const string CloseSession = "Close-Session";

    /// <summary>Gives a session up.</summary>
    public const string CancelSession = "Cancel-Session";

    /// <summary>Not a packet, but the download of a reply, or of a range of it: gates and faults take it under this name.</summary>
    public const string ReplyDownload = "GET";
}
