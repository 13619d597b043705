using System.Globalization;
using System.Management.Automation;

namespace BitsClient.PowerShell.Output;

/// <summary>What Write-Progress shows of an upload.</summary>
internal static class UploadProgressRecord
{
    private const int ActivityId = 1;

    public static ProgressRecord Of(string? file, BitsUploadProgress progress) => new(ActivityId, Activity(file), Status(progress))
    {
        PercentComplete = (int)(100 * progress.Fraction),
        SecondsRemaining = progress.EstimatedTimeRemaining is { TotalSeconds: < int.MaxValue } time ? (int)time.TotalSeconds : -1,
    };

    public static ProgressRecord Completed(string? file) =>
        new(ActivityId, Activity(file), "Completed") { RecordType = ProgressRecordType.Completed };

    private static string Activity(string? file) => $"Uploading {Path.GetFileName(file)}";

    private static string Status(BitsUploadProgress progress) => progress switch
    {
        { Failure: { } failure } => $"Waiting to retry: {failure.Message}",
        { Status: BitsUploadStatus.Suspended } => "Suspended",
        { Status: BitsUploadStatus.DownloadingReply } => "Downloading the reply",
        _ => string.Format(
            CultureInfo.InvariantCulture, "{0:N0} of {1:N0} bytes",
            progress.BytesAcknowledged + progress.BytesInFlight, progress.BytesTotal),
    };
}
