using System.Net;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>The server said no: it answered with an error status, or with an error code.</summary>
public sealed class BitsServerException : BitsUploadException
{
    internal BitsServerException(string message, HttpStatusCode statusCode, uint? errorCode, uint? errorContext)
        : base(message)
    {
        StatusCode = statusCode;
        ErrorCode = errorCode;
        ErrorContext = errorContext;
        HResult = unchecked((int)(errorCode ?? BitsHResult.OfStatus((int)statusCode)));
    }

    /// <summary>The HTTP status of the answer.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The HRESULT the server sent (BITS-Error-Code, MC-BUP 2.2.1.2), such as 0x8020001F; null when it sent none.</summary>
    public uint? ErrorCode { get; }

    /// <summary>The name of <see cref="ErrorCode"/>, such as BG_E_SESSION_NOT_FOUND; null when it has none known here.</summary>
    public string? ErrorName => ErrorCode is { } code ? BitsHResult.NameOf(code) : null;

    /// <summary>Who failed over there (BITS-Error-Context): 0x5 the server itself, 0x7 the application behind it; null when it was not told.</summary>
    public uint? ErrorContext { get; }

    /// <summary>True for 408, 429 and every 5xx but 501 and 505.</summary>
    public override bool IsTransient =>
        (int)StatusCode is 408 or 429 or (>= 500 and not 501 and not 505);
}
