using System.Net;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>The server said no: it answered with an error status.</summary>
public sealed class BitsServerException : BitsUploadException
{
    internal BitsServerException(string message, BitsAck ack)
        : base(message)
    {
        StatusCode = ack.StatusCode;
        ErrorCode = ack.ErrorCode;
        ErrorContext = ack.ErrorContext;
        RetryAfter = ack.RetryAfter;
        IsAck = ack.IsAck;
        HResult = unchecked((int)(ErrorCode ?? BitsHResult.OfStatus((int)StatusCode)));
    }

    /// <summary>The HTTP status of the answer.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The HRESULT the server sent (BITS-Error-Code, MC-BUP 2.2.1.2), such as 0x8020001F; null when it sent none.</summary>
    public uint? ErrorCode { get; }

    /// <summary>The name of <see cref="ErrorCode"/>, such as BG_E_SESSION_NOT_FOUND; null when it has none known here.</summary>
    public string? ErrorName => ErrorCode is { } code ? BitsHResult.NameOf(code) : null;

    /// <summary>Who failed over there (BITS-Error-Context): 0x5 the server itself, 0x7 the application behind it; null when it was not told.</summary>
    public uint? ErrorContext { get; }

    /// <summary>How long the server asks to be left alone (Retry-After); null when it does not ask.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>
    /// True for 408, 429 and every 5xx but 501 and 505, unless the error code tells of a session that is gone, a full disk or a file that is too large. Where the
    /// application behind the server failed (<see cref="ErrorContext"/> 0x7), 409 is true and 429 is not.
    /// </summary>
    public override bool IsTransient => TransientStatus.Is(StatusCode, ErrorCode, ErrorContext);

    /// <summary>Whether the answer was a BITS server's own.</summary>
    internal bool IsAck { get; }
}
