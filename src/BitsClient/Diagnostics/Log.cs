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

    [LoggerMessage(4, LogLevel.Information, "The cancel of the upload to {Url} ended: {Outcome}.")]
    public static partial void Canceled(ILogger logger, string url, BitsCancelOutcome outcome);

    [LoggerMessage(5, LogLevel.Warning, "The session of the upload to {Url} could not be canceled; it may stay on the server: {Kind}.")]
    public static partial void CancelFailed(ILogger logger, string url, string kind);

    [LoggerMessage(6, LogLevel.Warning, "The caller's progress handler threw; the upload goes on.")]
    public static partial void ProgressHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "The upload to {Url} failed at {Packet} with {Acknowledged} of {Total} bytes acknowledged: {Kind}.")]
    public static partial void Failed(ILogger logger, string url, BitsPacketType? packet, long acknowledged, long total, string kind);

    [LoggerMessage(8, LogLevel.Warning, "{Packet} to {Url} failed and is tried again in {Delay}: {Kind}.")]
    public static partial void Retrying(ILogger logger, BitsPacketType? packet, string url, TimeSpan delay, string kind);

    [LoggerMessage(
        9, LogLevel.Warning,
        "The HttpClient's Timeout of {Timeout} is shorter than the ResponseTimeout of {ResponseTimeout}: it will end slow fragments and slow servers early. "
        + "Set it to Timeout.InfiniteTimeSpan; the upload has limits of its own.")]
    public static partial void TimeoutIsShort(ILogger logger, TimeSpan timeout, TimeSpan responseTimeout);

    [LoggerMessage(10, LogLevel.Warning, "The state of upload {Id} to {Url} could not be saved; the upload goes on, and what was saved before is still there.")]
    public static partial void StateNotSaved(ILogger logger, Guid id, string url, Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "The upload {Id} to {Url} is over, but its saved state could not be deleted; delete it by hand, or resuming it would upload the file again.")]
    public static partial void StateNotDeleted(ILogger logger, Guid id, string url, Exception exception);

    [LoggerMessage(12, LogLevel.Warning, "The state store did not answer within {Limit}; the upload {Id} goes on without waiting for it.")]
    public static partial void StoreHangs(ILogger logger, Guid id, TimeSpan limit);

    [LoggerMessage(13, LogLevel.Warning, "The state store cannot be used for upload {Id}: its session is canceled all the same, and its state stays as it is.")]
    public static partial void StoreUnusable(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "The lock of upload {Id} in the state store could not be let go of.")]
    public static partial void LockNotLetGo(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(15, LogLevel.Warning, "A session of the upload to {Url} that is of no more use could not be canceled, and stays on the server until it expires: {Kind}.")]
    public static partial void SessionLeft(ILogger logger, string url, string kind);
}
