using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>An upload for a program to read: one JSON object, without what is not known.</summary>
internal sealed record UploadReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Guid Id { get; } = Guid.NewGuid();

    public required string Url { get; init; }

    public string? Session { get; init; }

    public long? Bytes { get; init; }

    public int? Fragments { get; init; }

    public int? Retries { get; init; }

    public long? Resent { get; init; }

    /// <summary>completed, failed, or what became of a cancelled upload: sessionCanceled, notStarted, unconfirmed.</summary>
    public required string Outcome { get; init; }

    public string? Error { get; init; }

    public static UploadReport Of(string url, BitsUploadResult result) => new()
    {
        Url = url,
        Session = result.SessionId,
        Bytes = result.BytesTransferred,
        Fragments = result.Fragments,
        Retries = result.Retries,
        Resent = result.BytesResent,
        Outcome = "completed",
    };

    public static UploadReport Of(string url, string? session, Exception failure) => new()
    {
        Url = url,
        Session = session,
        Outcome = failure is BitsUploadCanceledException canceled ? JsonNamingPolicy.CamelCase.ConvertName(canceled.Outcome.ToString()) : "failed",
        Error = OneLine.Of(ErrorText.Of(failure)),
    };

    public string ToJson() => JsonSerializer.Serialize(this, Format);
}
