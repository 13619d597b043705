using System.Globalization;
using BitsClient.Queue;

namespace BitsClient.Cli.Output;

/// <summary>Formats an upload of a queue as one line.</summary>
internal static class QueuedUploadLine
{
    /// <summary>The line of a list.</summary>
    public static string Of(BitsQueuedUpload upload)
    {
        string? name = upload.Request.DisplayName ?? upload.Request.Description;
        string named = name is null ? "" : $"  ({name})";
        string files = $"{upload.Request.Path} -> {ShownUrl.Of(upload.Request.Url)}";
        string priority = upload.Request.Priority is BitsUploadPriority.Normal ? "" : $"  [{QueueWords.Of(upload.Request.Priority)}]";
        string owner = upload is { Status: BitsQueueStatus.Transferring, Owner: { } process } ? $"  by {process}" : "";
        return OneLine.Of($"{upload.Id}  {StateOf(upload)}  {files}{named}{priority}{owner}");
    }

    /// <summary>What has become of it.</summary>
    public static string StateOf(BitsQueuedUpload upload)
    {
        string share = upload.BytesTotal is { } total
            ? $"{QueueWords.Of(upload.Status)} {ProgressText.Share(upload.BytesAcknowledged, total)}"
            : QueueWords.Of(upload.Status);
        string due = upload.Status switch
        {
            _ when upload.IsCancelPending => ", being canceled: 'queue run' ends its session",
            BitsQueueStatus.Queued when upload.DueAt > DateTimeOffset.UtcNow => $", not before {Time(upload.DueAt)}",
            BitsQueueStatus.TransientError => $", again at {Time(upload.DueAt)}",
            BitsQueueStatus.Canceled when upload.CancelOutcome is BitsCancelOutcome.Unconfirmed => ", not confirmed by the server",
            _ => "",
        };
        string error = upload is { Error: { } text, Status: BitsQueueStatus.TransientError or BitsQueueStatus.Error } ? $": {text}" : "";
        return OneLine.Of($"{share}{due}{error}");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
