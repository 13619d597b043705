using System.Globalization;

namespace BitsClient.Cli.Output;

/// <summary>Formats a saved upload as one line.</summary>
internal static class SavedUploadLine
{
    public static string Of(BitsStoredCheckpoint entry) =>
        OneLine.Of($"{SavedUploads.IdOf(entry)}  {(entry.Checkpoint is { } checkpoint ? Facts(checkpoint) : Error(entry))}");

    private static string Error(BitsStoredCheckpoint entry) => $"cannot be read: {entry.Error!.Message}";

    private static string Facts(BitsUploadCheckpoint checkpoint)
    {
        string updated = checkpoint.UpdatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string share = ProgressText.Share(checkpoint.BytesAcknowledged, checkpoint.BytesTotal);
        string description = checkpoint.Description is { } text ? $"  ({text})" : "";
        return $"{share}, {updated}  {checkpoint.Source?.Path ?? "?"} -> {ShownUrl.Of(checkpoint.Url)}{description}";
    }
}
