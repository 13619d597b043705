using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>A saved upload for a program to read. What cannot be read has a <see cref="Fault"/>, and an id that is the name of its file.</summary>
internal sealed record SavedUploadReport
{
    public required string Id { get; init; }

    public string? Url { get; init; }

    public string? File { get; init; }

    public long? Acknowledged { get; init; }

    public long? Total { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Updated { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    public static SavedUploadReport Of(BitsStoredCheckpoint entry) => new()
    {
        Id = SavedUploads.IdOf(entry),
        Url = entry.Checkpoint is { } state ? ShownUrl.Of(state.Url) : null,
        File = entry.Checkpoint?.Source?.Path,
        Acknowledged = entry.Checkpoint?.BytesAcknowledged,
        Total = entry.Checkpoint?.BytesTotal,
        Created = entry.Checkpoint?.CreatedAt,
        Updated = entry.Checkpoint?.UpdatedAt,
        Fault = entry.Error?.Message,
    };

    public static string ToJson(IEnumerable<SavedUploadReport> uploads) => JsonText.Of(uploads);
}
