using System.Globalization;

namespace BitsClient.Cli.Output;

/// <summary>A saved upload in one line.</summary>
internal static class SavedUploadLine
{
    public static string Of(BitsStoredCheckpoint entry) =>
        OneLine.Of($"{SavedUploads.IdOf(entry)}  {(entry.Checkpoint is { } state ? Facts(state) : $"cannot be read: {entry.Error!.Message}")}");

    private static string Facts(BitsUploadCheckpoint state)
    {
        string updated = state.UpdatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string share = ProgressText.Share(state.BytesAcknowledged, state.BytesTotal);
        return $"{share}, {updated}  {state.Source?.Path ?? "?"} -> {ShownUrl.Of(state.Url)}";
    }
}
