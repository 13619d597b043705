using System.Net;

namespace BitsClient.Protocol;

/// <summary>Decides which error answers are transient, so that the same request may succeed later.</summary>
internal static class TransientStatus
{
    private const uint ApplicationFailed = 0x7;

    // The enumeration of .NET Standard 2.0 has no name for it.
    private const HttpStatusCode TooManyRequests = (HttpStatusCode)429;

    /// <summary>Whether the error is transient.</summary>
    public static bool Is(HttpStatusCode status, uint? code, uint? context) => (status, code, context) switch
    {
        (_, BitsHResult.SessionNotFound or BitsHResult.TooLarge or BitsHResult.DiskFull or BitsHResult.DiskFullMisspelled, _) => false,
        (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported, _, _) => false,
        (HttpStatusCode.Conflict, _, ApplicationFailed) => true,
        (HttpStatusCode.RequestTimeout, _, _) => true,
        (TooManyRequests, _, not ApplicationFailed) => true,
        _ => status >= HttpStatusCode.InternalServerError,
    };
}
