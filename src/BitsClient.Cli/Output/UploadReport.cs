using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>
/// The result of an upload as a JSON object. The properties that describe the upload are always present, null if unknown; the others are
/// present only if they apply.
/// </summary>
internal sealed record UploadReport
{
    public required Guid? Id { get; init; }

    /// <summary>The path of the file, as the user specified it.</summary>
    public required string? File { get; init; }

    public required string? Url { get; init; }

    public string? Session { get; init; }

    public long? Bytes { get; init; }

    public int? Fragments { get; init; }

    public int? Retries { get; init; }

    public long? Resent { get; init; }

    /// <summary>
    /// completed, failed, or the outcome of a canceled upload: sessionCanceled, replyCanceled, sessionKept, notStarted, unconfirmed.
    /// </summary>
    public required string Outcome { get; init; }

    /// <summary>The SHA-256 of the file in lowercase hexadecimal, if it was computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    /// <summary>The server's reply, if one was downloaded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReplyReport? Reply { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>The HTTP status of the server's refusal.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }

    /// <summary>The HRESULT that the server sent, for example 0x8020001F.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ErrorCode { get; init; }

    /// <summary>Whether the failure was transient, so that the same upload can succeed later.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Transient { get; init; }

    /// <summary>True if the whole file may be on the server although the upload failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? MayBeComplete { get; init; }

    /// <summary>The report of a completed upload.</summary>
    public static UploadReport Of(UploadSubject subject, Guid id, BitsUploadResult result) => new()
    {
        Id = id,
        File = subject.File,
        Url = subject.Url,
        Session = result.SessionId,
        Bytes = result.BytesTransferred,
        Fragments = result.Fragments,
        Retries = result.Retries,
        Resent = result.BytesResent,
        Outcome = "completed",
        Sha256 = result.Sha256,
        Reply = result.Reply is { } reply ? new ReplyReport(ShownUrl.Of(reply.Url), reply.Path, reply.Length) : null,
    };

    /// <summary>The report of a failed or canceled upload.</summary>
    /// <param name="subject">The upload, or null if it was not found.</param>
    /// <param name="failure">The exception that ended it.</param>
    public static UploadReport Of(UploadSubject? subject, Exception failure)
    {
        Exception cause = failure is KeptUploadException { InnerException: { } inner } ? inner : failure;

        // An upload that failed after retries has its last failure as the inner exception.
        BitsServerException? refusal = cause as BitsServerException ?? cause.InnerException as BitsServerException;
        return new UploadReport
        {
            Id = subject?.Id,
            File = subject?.File,
            Url = subject?.Url,
            Session = subject?.Session,
            Outcome = OutcomeOf(cause),
            Error = OneLine.Of(ErrorText.Of(failure)),
            Status = (int?)refusal?.StatusCode,
            ErrorCode = refusal?.ErrorCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}") : null,
            Transient = cause is OperationCanceledException ? null : cause is BitsUploadException { IsTransient: true },
            MayBeComplete = cause is BitsUploadException { MayBeComplete: true } ? true : null,
        };
    }

    public string ToJson() => JsonText.Of(this);

    private static string OutcomeOf(Exception cause) => cause switch
    {
        BitsUploadCanceledException canceled => JsonNamingPolicy.CamelCase.ConvertName($"{canceled.Outcome}"),
        OperationCanceledException => "notStarted",
        _ => "failed",
    };

    internal sealed record ReplyReport(string Url, string? Path, long Length);
}
