using BitsClient.Queue.Storage;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Diagnostics;

/// <summary>The log messages of the queue.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(
        201, LogLevel.Warning, "The database cannot be used, and is asked again. Uploads that run go on while their leases last.")]
    public static partial void DatabaseAway(ILogger logger, Exception exception);

    [LoggerMessage(202, LogLevel.Warning, "The end of the upload {Id} could not be written; trying again.")]
    public static partial void EndNotWritten(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(203, LogLevel.Warning, "The upload {Id} belongs to another process now, and was stopped here.")]
    public static partial void Lost(ILogger logger, Guid id);

    [LoggerMessage(204, LogLevel.Error, "The run of the upload {Id} ended unexpectedly. It continues when its lease has ended.")]
    public static partial void RunFailed(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(205, LogLevel.Warning, "An observer failed for the upload {Id}, and will be told again.")]
    public static partial void ObserverFailed(ILogger logger, Guid id, Exception exception);

    [LoggerMessage(206, LogLevel.Debug, "The database cannot be listened to; new uploads are found by polling.")]
    public static partial void NotListening(ILogger logger, Exception exception);

    [LoggerMessage(207, LogLevel.Information, "Uploading from the queue, at most {Count} at the same time.")]
    public static partial void Started(ILogger logger, int count);

    public static void Begun(ILogger logger, QueueEntry entry)
    {
        BitsQueuedUpload upload = entry.Upload;
        string url = upload.Request.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        switch (entry)
        {
            case { Wanted: Wanted.Suspend }:
                break;
            case { Wanted: Wanted.Cancel }:
                Canceling(logger, upload.Request.Path, url, upload.Id);
                break;
            case { Checkpoint: not null, Upload.BytesAcknowledged: > 0 }:
                Resumed(logger, upload.Request.Path, url, upload.Id, upload.BytesAcknowledged);
                break;
            default:
                Begun(logger, upload.Request.Path, url, upload.Id);
                break;
        }
    }

    public static void Ended(ILogger logger, string path, Guid id, Ending ending)
    {
        switch (ending.Status)
        {
            case StatusText.Transferred:
                Transferred(logger, path, id, ending.BytesAcknowledged);
                break;
            case StatusText.Canceled:
                Canceled(logger, path, id, ending.Outcome);
                break;
            case StatusText.Error:
                Failed(logger, path, id, ending.Error);
                break;
            case StatusText.Queued when ending.Delay > TimeSpan.Zero && ending.Error is not null:
                Retried(logger, path, id, ending.Delay, ending.Error);
                break;
            default:
                Stopped(logger, path, id);
                break;
        }
    }

    [LoggerMessage(208, LogLevel.Information, "The upload of {Path} to {Url} ({Id}) begins.")]
    private static partial void Begun(ILogger logger, string path, string url, Guid id);

    [LoggerMessage(209, LogLevel.Information, "The upload of {Path} to {Url} ({Id}) is resumed; {Acknowledged} bytes were acknowledged.")]
    private static partial void Resumed(ILogger logger, string path, string url, Guid id, long acknowledged);

    [LoggerMessage(210, LogLevel.Information, "The upload of {Path} to {Url} ({Id}) is to be canceled.")]
    private static partial void Canceling(ILogger logger, string path, string url, Guid id);

    [LoggerMessage(211, LogLevel.Information, "{Path} was uploaded ({Id}): {Bytes} bytes.")]
    private static partial void Transferred(ILogger logger, string path, Guid id, long bytes);

    [LoggerMessage(212, LogLevel.Information, "The upload of {Path} ({Id}) was canceled: {Outcome}.")]
    private static partial void Canceled(ILogger logger, string path, Guid id, BitsCancelOutcome? outcome);

    [LoggerMessage(213, LogLevel.Error, "The upload of {Path} ({Id}) failed: {Error}")]
    private static partial void Failed(ILogger logger, string path, Guid id, string? error);

    [LoggerMessage(214, LogLevel.Warning, "The upload of {Path} ({Id}) failed, and continues in {Delay}: {Error}")]
    private static partial void Retried(ILogger logger, string path, Guid id, TimeSpan delay, string? error);

    [LoggerMessage(215, LogLevel.Information, "The upload of {Path} ({Id}) was stopped, and its session is kept.")]
    private static partial void Stopped(ILogger logger, string path, Guid id);
}
