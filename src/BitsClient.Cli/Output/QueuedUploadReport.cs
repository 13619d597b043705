using System.Text.Json;
using System.Text.Json.Serialization;
using BitsClient.Queue;

namespace BitsClient.Cli.Output;

/// <summary>An upload of a queue as JSON. The last properties are present only if they apply.</summary>
internal sealed record QueuedUploadReport
{
    public required Guid Id { get; init; }

    public required string Status { get; init; }

    public required string Url { get; init; }

    public required string File { get; init; }

    public required long Acknowledged { get; init; }

    public required long? Total { get; init; }

    public required string Priority { get; init; }

    public required long Tries { get; init; }

    public required DateTimeOffset Enqueued { get; init; }

    public required DateTimeOffset Due { get; init; }

    public required DateTimeOffset? Started { get; init; }

    public required DateTimeOffset? Ended { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    /// <summary>The process that uploads it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>The outcome of a cancel: sessionCanceled, replyCanceled, notStarted, unconfirmed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    public static QueuedUploadReport Of(BitsQueuedUpload upload) => new()
    {
        Id = upload.Id,
        Status = QueueWords.Of(upload.Status),
        Url = ShownUrl.Of(upload.Request.Url),
        File = upload.Request.Path,
        Acknowledged = upload.BytesAcknowledged,
        Total = upload.BytesTotal,
        Priority = QueueWords.Of(upload.Request.Priority),
        Tries = upload.Tries,
        Enqueued = upload.EnqueuedAt,
        Due = upload.DueAt,
        Started = upload.StartedAt,
        Ended = upload.EndedAt,
        Name = upload.Request.DisplayName,
        Description = upload.Request.Description,
        Owner = upload.Owner,
        Outcome = upload.CancelOutcome is { } outcome ? JsonNamingPolicy.CamelCase.ConvertName($"{outcome}") : null,
        Error = upload.Error is { } error ? OneLine.Of(error) : null,
    };

    public static string ToJson(IEnumerable<QueuedUploadReport> uploads) => JsonText.Of(uploads);
}
