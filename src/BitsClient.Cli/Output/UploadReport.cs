using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>
/// An upload for a program to read: one JSON object. What tells of the upload is always there, null if it is not known; the rest only where it applies.
/// </summary>
internal sealed record UploadReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Guid Id { get; } = Guid.NewGuid();

    public required string Url { get; init; }

    public string? Session { get; init; }

    public long? Bytes { get; init; }

    public int? Fragments { get; init; }

    public int? Retries { get; init; }

    public long? Resent { get; init; }

    /// <summary>completed, failed, or what became of a cancelled upload: sessionCanceled, replyCanceled, notStarted, unconfirmed.</summary>
    public required string Outcome { get; init; }

    /// <summary>The server's reply, if one was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReplyReport? Reply { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>The HTTP status that the server refused with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }

    /// <summary>The HRESULT that the server sent, as in 0x8020001F.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ErrorCode { get; init; }

    /// <summary>Whether the same upload may well succeed later.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Transient { get; init; }

    public static UploadReport Of(string url, BitsUploadResult result) => new()
    {
        Url = url,
        Session = result.SessionId,
        Bytes = result.BytesTransferred,
        Fragments = result.Fragments,
        Retries = result.Retries,
        Resent = result.BytesResent,
        Outcome = "completed",
        Reply = result.Reply is { } reply ? new ReplyReport(ShownUrl.Of(reply.Url), reply.Path, reply.Length) : null,
    };

    public static UploadReport Of(string url, string? session, Exception failure)
    {
        // An upload that was given up after a while carries its last failure.
        BitsServerException? refusal = failure as BitsServerException ?? failure.InnerException as BitsServerException;
        return new UploadReport
        {
            Url = url,
            Session = session,
            Outcome = failure is BitsUploadCanceledException { Outcome: var outcome } ? JsonNamingPolicy.CamelCase.ConvertName($"{outcome}") : "failed",
            Error = OneLine.Of(ErrorText.Of(failure)),
            Status = (int?)refusal?.StatusCode,
            ErrorCode = refusal?.ErrorCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}") : null,
            Transient = failure is OperationCanceledException ? null : failure is BitsUploadException { IsTransient: true },
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    internal sealed record ReplyReport(string Url, string? Path, long Length);
}
