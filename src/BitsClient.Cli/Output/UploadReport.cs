using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>
/// An upload for a program to read: one JSON object. What tells of the upload is always there, null if it is not known; the rest only where it applies.
/// </summary>
internal sealed record UploadReport
{
    public required Guid? Id { get; init; }

    public required string? Url { get; init; }

    public string? Session { get; init; }

    public long? Bytes { get; init; }

    public int? Fragments { get; init; }

    public int? Retries { get; init; }

    public long? Resent { get; init; }

    /// <summary>completed, failed, or what became of a canceled upload: sessionCanceled, replyCanceled, sessionKept, notStarted, unconfirmed.</summary>
    public required string Outcome { get; init; }

    /// <summary>The SHA-256 of the file in lower-case hexadecimal, if it was wanted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

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

    public static UploadReport Of(string url, Guid id, BitsUploadResult result) => new()
    {
        Id = id,
        Url = url,
        Session = result.SessionId,
        Bytes = result.BytesTransferred,
        Fragments = result.Fragments,
        Retries = result.Retries,
        Resent = result.BytesResent,
        Outcome = "completed",
        Sha256 = result.Sha256,
        Reply = result.Reply is { } reply ? new ReplyReport(ShownUrl.Of(reply.Url), reply.Path, reply.Length) : null,
    };

    /// <param name="subject">What is known of the upload; null for nothing.</param>
    /// <param name="failure">What ended it.</param>
    public static UploadReport Of(UploadSubject? subject, Exception failure)
    {
        Exception cause = failure is KeptUploadException { InnerException: { } inner } ? inner : failure;

        // An upload that was given up after a while carries its last failure.
        BitsServerException? refusal = cause as BitsServerException ?? cause.InnerException as BitsServerException;
        return new UploadReport
        {
            Id = subject?.Id,
            Url = subject?.Url,
            Session = subject?.Session,
            Outcome = cause is BitsUploadCanceledException { Outcome: var outcome } ? JsonNamingPolicy.CamelCase.ConvertName($"{outcome}") : "failed",
            Error = OneLine.Of(ErrorText.Of(failure)),
            Status = (int?)refusal?.StatusCode,
            ErrorCode = refusal?.ErrorCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}") : null,
            Transient = cause is OperationCanceledException ? null : cause is BitsUploadException { IsTransient: true },
        };
    }

    public string ToJson() => JsonText.Of(this);

    internal sealed record ReplyReport(string Url, string? Path, long Length);
}
