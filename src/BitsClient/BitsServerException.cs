using System.Net;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>The server answered with an error status.</summary>
public sealed class BitsServerException : BitsUploadException
{
    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="statusCode">The HTTP status of the answer.</param>
    public BitsServerException(string message, HttpStatusCode statusCode)
        : base(message)
    {
        StatusCode = statusCode;
        HResult = unchecked((int)BitsHResult.OfStatus((int)statusCode));
        Reason = BitsFailureReason.Server;
    }

    /// <summary>The HTTP status of the answer.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>
    /// The HRESULT the server sent (BITS-Error-Code, MC-BUP 2.2.1.2), such as 0x8020001F; null if it sent none. Default null.
    /// </summary>
    public uint? ErrorCode
    {
        get;
        init
        {
            field = value;
            HResult = unchecked((int)(value ?? BitsHResult.OfStatus((int)StatusCode)));
        }
    }

    /// <summary>The name of <see cref="ErrorCode"/>, such as BG_E_SESSION_NOT_FOUND; null if it has no known name.</summary>
    public string? ErrorName => ErrorCode is { } code ? BitsHResult.NameOf(code) : null;

    /// <summary>
    /// Which part of the server failed (BITS-Error-Context): 0x5 the server itself, 0x7 the application behind it; null if it sent none.
    /// Default null.
    /// </summary>
    public uint? ErrorContext { get; init; }

    /// <summary>How long the server asks to wait before the next request (Retry-After); null if it does not ask. Default null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True for 408, 429 and every 5xx except 501 and 505, unless the error code says that the session is gone, the disk is full or the
    /// file is too large. If the application behind the server failed (<see cref="ErrorContext"/> 0x7), true for 409 and false for 429.
    /// Setting it has no effect.
    /// </summary>
    public override bool IsTransient => TransientStatus.Is(StatusCode, ErrorCode, ErrorContext);

    /// <summary>Whether a BITS server answered, rather than something on the way.</summary>
    internal bool IsAck { get; init; }
}
