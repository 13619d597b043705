namespace BitsClient;

/// <summary>The packets that a client sends, one HTTP request each (MC-BUP 2.2.2 to 2.2.11).</summary>
public enum BitsPacketType
{
    /// <summary>Asks whether the server answers.</summary>
    Ping,

    /// <summary>Opens an upload session; its ack contains the session id.</summary>
    CreateSession,

    /// <summary>Contains a range of the file.</summary>
    Fragment,

    /// <summary>Ends a session whose file is complete.</summary>
    CloseSession,

    /// <summary>Ends a session and discards the part of the file that the server has.</summary>
    CancelSession,

    /// <summary>Downloads the reply of an upload-reply, with a plain GET between the last fragment and Close-Session.</summary>
    GetReply,
}
