namespace BitsClient.Protocol;

/// <summary>The header names and fixed values of the protocol (MC-BUP 2.2); the packet types are in BitsPacketWriter.</summary>
internal static class BitsHeaderNames
{
    public const string PacketType = "BITS-Packet-Type";
    public const string SupportedProtocols = "BITS-Supported-Protocols";
    public const string SessionId = "BITS-Session-Id";
    public const string Protocol = "BITS-Protocol";
    public const string ContentRange = "Content-Range";
    public const string ReceivedContentRange = "BITS-Received-Content-Range";

    /// <summary>The spelling of <see cref="ReceivedContentRange"/> that one server sends.</summary>
    public const string MisspelledReceivedContentRange = "BITS-Recieved-Content-Range";

    /// <summary>The host for the rest of the session (MC-BUP 2.2.3).</summary>
    public const string HostId = "BITS-Host-Id";

    /// <summary>How long that host may be unreachable, in seconds.</summary>
    public const string HostIdFallbackTimeout = "BITS-Host-Id-Fallback-Timeout";

    /// <summary>The URL of the reply of an upload-reply (MC-BUP 2.2.6).</summary>
    public const string ReplyUrl = "BITS-Reply-URL";

    /// <summary>Contains the verb if the request is a POST, because a server or proxy refuses the verb itself.</summary>
    public const string MethodOverride = "X-Http-Method-Override";

    public const string Location = "Location";
    public const string ContentName = "Content-Name";
    public const string UserAgent = "User-Agent";
    public const string Host = "Host";

    /// <summary>The Win32 documentation says BITS-Error-Code, MC-BUP 2.2.1.2 says BITS-Error: a client accepts both.</summary>
    public const string ErrorCode = "BITS-Error-Code";

    /// <inheritdoc cref="ErrorCode" />
    public const string Error = "BITS-Error";

    public const string ErrorContext = "BITS-Error-Context";

    /// <summary>The verb of every packet.</summary>
    public const string Verb = "BITS_POST";

    /// <summary>The packet type of every answer.</summary>
    public const string Ack = "Ack";

    /// <summary>"BITS 1.5 Upload Protocol", the only protocol that is defined.</summary>
    public const string UploadProtocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

    /// <summary>The maximum length of a header value (MC-BUP 2.2.1).</summary>
    public const int MaxValueLength = 4096;

    private static readonly HashSet<string> OthersOfProtocol =
        new(["Host", "If-Range", "Range", "Transfer-Encoding", MethodOverride], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the upload itself sets a header with this name, so that nobody else may.</summary>
    public static bool IsOfProtocol(string name) =>
        name.StartsWith("BITS-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || OthersOfProtocol.Contains(name);
}
