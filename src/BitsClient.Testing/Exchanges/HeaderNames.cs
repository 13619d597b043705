namespace BitsClient.Testing.Exchanges;

/// <summary>The header names, methods and fixed values of the protocol.</summary>
internal static class HeaderNames
{
    public const string PacketType = "BITS-Packet-Type";
    public const string SupportedProtocols = "BITS-Supported-Protocols";
    public const string Protocol = "BITS-Protocol";
    public const string SessionId = "BITS-Session-Id";
    public const string ReceivedContentRange = "BITS-Received-Content-Range";
    public const string MisspelledContentRange = "BITS-Recieved-Content-Range";
    public const string HostId = "BITS-Host-Id";
    public const string HostIdFallbackTimeout = "BITS-Host-Id-Fallback-Timeout";
    public const string ReplyUrl = "BITS-Reply-URL";
    public const string ErrorCode = "BITS-Error-Code";
    public const string ErrorContext = "BITS-Error-Context";
    public const string ContentLength = "Content-Length";
    public const string ContentRange = "Content-Range";
    public const string ContentEncoding = "Content-Encoding";
    public const string AcceptEncoding = "Accept-Encoding";
    public const string Range = "Range";
    public const string IfRange = "If-Range";
    public const string AcceptRanges = "Accept-Ranges";
    public const string ETag = "ETag";
    public const string LastModified = "Last-Modified";
    public const string Connection = "Connection";
    public const string Allow = "Allow";
    public const string Date = "Date";
    public const string MethodOverride = "X-Http-Method-Override";

    public const string Ack = "Ack";
    public const string Get = "GET";
    public const string Post = "POST";
    public const string BitsPost = "BITS_POST";
    public const string Close = "close";
    public const string Identity = "identity";

    /// <summary>The GUID of the BITS 1.5 upload protocol, the only one defined.</summary>
    public const string UploadProtocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";
}
