using Microsoft.Extensions.Logging;

namespace BitsClient.Diagnostics;

/// <summary>Every message that is logged. A number is never used again. No URL with its query, no session id at Information or above.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Session {SessionId} was created at {Url}.")]
    public static partial void SessionCreated(ILogger logger, string sessionId, string url);

    [LoggerMessage(2, LogLevel.Debug, "Fragment of {Length} bytes at {Offset} was acknowledged; the server wants {Next} of {Total} next.")]
    public static partial void FragmentAcknowledged(ILogger logger, long length, long offset, long next, long total);

    [LoggerMessage(3, LogLevel.Information, "Uploaded {Total} bytes to {Url} in {Fragments} fragments.")]
    public static partial void Uploaded(ILogger logger, long total, string url, int fragments);

    [LoggerMessage(4, LogLevel.Information, "The upload to {Url} was cancelled: {Outcome}.")]
    public static partial void Canceled(ILogger logger, string url, BitsCancelOutcome outcome);

    [LoggerMessage(5, LogLevel.Warning, "The session of the upload to {Url} could not be cancelled; it may stay on the server.")]
    public static partial void CancelFailed(ILogger logger, string url);

    [LoggerMessage(6, LogLevel.Warning, "The caller's progress handler threw; the upload goes on.")]
    public static partial void ProgressHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "The upload to {Url} failed at {Packet} with {Acknowledged} of {Total} bytes acknowledged: {Kind}.")]
    public static partial void Failed(ILogger logger, string url, BitsPacketType? packet, long acknowledged, long total, string kind);
}
