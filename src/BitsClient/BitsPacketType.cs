namespace BitsClient;

/// <summary>What a client sends, one HTTP request each (MC-BUP 2.2.2 to 2.2.11).</summary>
public enum BitsPacketType
{
    /// <summary>Asks whether the server answers at all.</summary>
    Ping,

    /// <summary>Opens an upload session; its ack names the session.</summary>
    CreateSession,

    /// <summary>Carries a range of the file.</summary>
    Fragment,

    /// <summary>Ends a session whose file is complete.</summary>
    CloseSession,

    /// <summary>Ends a session and drops what the server has of the file.</summary>
    CancelSession,

    /// <summary>Downloads the reply of an upload-reply: a plain GET, between the last fragment and Close-Session.</summary>
    GetReply,
}
