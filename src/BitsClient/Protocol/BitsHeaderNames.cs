namespace BitsClient.Protocol;

/// <summary>The header names and fixed values of the protocol, each spelt once (MC-BUP 2.2).</summary>
internal static class BitsHeaderNames
{
    public const string PacketType = "BITS-Packet-Type";
    public const string SupportedProtocols = "BITS-Supported-Protocols";
    public const string SessionId = "BITS-Session-Id";
    public const string Protocol = "BITS-Protocol";
    public const string ReceivedContentRange = "BITS-Received-Content-Range";

    /// <summary>How one server spells it.</summary>
    public const string MisspeltReceivedContentRange = "BITS-Recieved-Content-Range";

    /// <summary>The host that the rest of the session is to go to (MC-BUP 2.2.3).</summary>
    public const string HostId = "BITS-Host-Id";

    /// <summary>How many seconds that host may be out of reach.</summary>
    public const string HostIdFallbackTimeout = "BITS-Host-Id-Fallback-Timeout";

    /// <summary>Where the reply of an upload-reply is (MC-BUP 2.2.6).</summary>
    public const string ReplyUrl = "BITS-Reply-URL";

    /// <summary>Carries the verb where only POST gets through.</summary>
    public const string MethodOverride = "X-Http-Method-Override";

    public const string Location = "Location";
    public const string ContentName = "Content-Name";
    public const string UserAgent = "User-Agent";

    /// <summary>The Win32 pages say BITS-Error-Code, MC-BUP 2.2.1.2 says BITS-Error: a client takes both.</summary>
    public const string ErrorCode = "BITS-Error-Code";

    /// <inheritdoc cref="ErrorCode" />
    public const string Error = "BITS-Error";

    public const string ErrorContext = "BITS-Error-Context";

    /// <summary>The verb of every packet.</summary>
    public const string Verb = "BITS_POST";

    /// <summary>The packet type of every answer.</summary>
    public const string Ack = "Ack";

    /// <summary>"BITS 1.5 Upload Protocol", the only protocol there is.</summary>
    public const string UploadProtocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

    /// <summary>The most a header value may hold (MC-BUP 2.2.1).</summary>
    public const int MaxValueLength = 4096;
}
