using Microsoft.Extensions.Logging;

namespace BitsClient.Diagnostics;

/// <summary>
/// All log messages. An event id is never reused. No message contains a URL with its query; no message at Information or above contains a
/// session id.
/// </summary>
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

    [LoggerMessage(5, LogLevel.Warning, "The session of the upload to {Url} could not be canceled and may stay on the server: {Kind}.")]
    public static partial void CancelFailed(ILogger logger, string url, string kind);

    [LoggerMessage(6, LogLevel.Warning, "The caller's progress handler threw an exception; the upload continues.")]
    public static partial void ProgressHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        7, LogLevel.Warning,
        "The upload to {Url} failed at {Packet} with {Acknowledged} of {Total} bytes acknowledged: {Kind}.")]
    public static partial void Failed(ILogger logger, string url, BitsPacketType? packet, long acknowledged, long total, string kind);

    [LoggerMessage(8, LogLevel.Warning, "{Packet} to {Url} failed and is retried in {Delay}: {Kind}.")]
    public static partial void Retrying(ILogger logger, BitsPacketType? packet, string url, TimeSpan delay, string kind);

    [LoggerMessage(
        9, LogLevel.Warning,
        "The HttpClient's Timeout of {Timeout} is shorter than the ResponseTimeout of {ResponseTimeout}: it ends slow requests early. "
        + "Set it to Timeout.InfiniteTimeSpan; the upload has timeouts of its own.")]
    public static partial void TimeoutIsShort(ILogger logger, TimeSpan timeout, TimeSpan responseTimeout);

    [LoggerMessage(
        10, LogLevel.Warning,
        "The checkpoint of upload {Id} to {Url} could not be saved; the upload continues. "
        + "The previous checkpoint, if any, is unchanged.")]
    public static partial void CheckpointNotSaved(ILogger logger, Guid id, string url, Exception exception);

    [LoggerMessage(
        11, LogLevel.Warning,
        "The upload {Id} to {Url} has ended, but its checkpoint could not be deleted; delete it manually, or resuming it uploads the file "
        + "again.")]
    public static partial void CheckpointNotDeleted(ILogger logger, Guid id, string url, Exception exception);

    [LoggerMessage(
        12, LogLevel.Warning,
        "The checkpoint store did not respond within {Limit}; the upload {Id} continues without waiting for it.")]
    public static partial void StoreHangs(ILogger logger, Guid id, TimeSpan limit);

    [LoggerMessage(
        13, LogLevel.Warning,
        "The checkpoint store cannot be used for upload {Id}: its session is canceled anyway, and its checkpoint is left unchanged.")]
    public static partial void StoreUnusable(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "The lock of upload {Id} in the checkpoint store could not be released.")]
    public static partial void LockNotReleased(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(
        15, LogLevel.Warning,
        "A session of the upload to {Url} that can no longer be used could not be canceled, and stays on the server until it expires: "
        + "{Kind}.")]
    public static partial void SessionLeft(ILogger logger, string url, string kind);

    [LoggerMessage(
        16, LogLevel.Warning,
        "The session of the upload to {Url} was lost, or can no longer be used, with {Acknowledged} of {Total} bytes "
        + "acknowledged; the upload starts over: {Kind}.")]
    public static partial void SessionRestarted(ILogger logger, string url, long acknowledged, long total, string kind);

    [LoggerMessage(17, LogLevel.Information, "Fragments of the upload to {Url} were reduced from {Before} to {After} bytes: {Kind}.")]
    public static partial void FragmentSizeReduced(ILogger logger, string url, int before, int after, string kind);

    [LoggerMessage(18, LogLevel.Information, "The packets of the upload to {Url} go to the host {Host} from now on.")]
    public static partial void HostChanged(ILogger logger, string url, string host);

    [LoggerMessage(19, LogLevel.Information, "The upload to {Url} was suspended with {Acknowledged} of {Total} bytes acknowledged.")]
    public static partial void Suspended(ILogger logger, string url, long acknowledged, long total);

    [LoggerMessage(20, LogLevel.Information, "The upload to {Url} was resumed.")]
    public static partial void Resumed(ILogger logger, string url);

    [LoggerMessage(
        21, LogLevel.Warning,
        "A handler of the HttpClient sent {Packet} to {Url} again, or tried to. The upload itself retries packets: use an HttpClient "
        + "without a retry or resilience handler.")]
    public static partial void SentTwice(ILogger logger, BitsPacketType packet, string url);

    [LoggerMessage(
        22, LogLevel.Warning, "The caller's progress handler did not return within {Limit}; the upload ends without waiting for it.")]
    public static partial void ProgressHandlerHangs(ILogger logger, TimeSpan limit);

    [LoggerMessage(
        23, LogLevel.Information, "The upload {Id} to {Url} continues; {Acknowledged} of {Total} bytes were acknowledged before.")]
    public static partial void ContinuesExisting(ILogger logger, Guid id, string url, long acknowledged, long total);

    [LoggerMessage(
        24, LogLevel.Warning,
        "The source of the upload {Id} to {Url} has changed: {Difference} It is uploaded anew, and the earlier session is canceled.")]
    public static partial void SourceReplaced(ILogger logger, Guid id, string url, string difference);

    [LoggerMessage(25, LogLevel.Warning, "The source or the reply target of the upload to {Url} could not be disposed.")]
    public static partial void NotDisposed(ILogger logger, string url, Exception exception);
}
