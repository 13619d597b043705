using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>
/// A saved upload as JSON. A checkpoint that cannot be read has only a <see cref="Fault"/> and the name of its file as the id.
/// </summary>
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
    public string? Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    public static SavedUploadReport Of(BitsStoredCheckpoint entry) => new()
    {
        Id = SavedUploads.IdOf(entry),
        Url = entry.Checkpoint is { } checkpoint ? ShownUrl.Of(checkpoint.Url) : null,
        File = entry.Checkpoint?.Source?.Path,
        Acknowledged = entry.Checkpoint?.BytesAcknowledged,
        Total = entry.Checkpoint?.BytesTotal,
        Created = entry.Checkpoint?.CreatedAt,
        Updated = entry.Checkpoint?.UpdatedAt,
        Description = entry.Checkpoint?.Description,
        Fault = entry.Error?.Message,
    };

    public static string ToJson(IEnumerable<SavedUploadReport> uploads) => JsonText.Of(uploads);
}
