using System.Globalization;
using System.Text;
using BitsClient.Persistence;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// A session on a server, as plain facts: enough to resume its upload later (<see cref="IBitsUploadClient.ResumeJob"/>) or to cancel it
/// (<see cref="IBitsUploadClient.CancelSessionAsync"/>), even from another process. <see cref="ToJson"/> makes it a text. Immutable. It holds no
/// password, but whoever has it can end the session: keep it as a secret. Its text shows neither the session id nor the URL's query.
/// </summary>
public sealed record BitsUploadCheckpoint
{
    /// <summary>The upload: <see cref="IBitsUploadJob.Id"/>. Default all zeros.</summary>
    public Guid Id { get; init; }

    /// <summary>When the job was made. Default 1 January of year 1.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When these facts were true. Default 1 January of year 1.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How the source is recognized when the upload is resumed. Default null: by its length alone.</summary>
    public BitsSourceFingerprint? Source { get; init; }

    /// <summary>The destination of the upload: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The server's name of the session, byte for byte as it was given.</summary>
    public required string SessionId { get; init; }

    /// <summary>
    /// The host that the server named for this session, with the port if it named one; null when its packets go to the host of <see cref="Url"/>.
    /// Default null.
    /// </summary>
    public string? HostId { get; init; }

    /// <summary>How long that host may be out of reach before packets go to the host of <see cref="Url"/> again; null for ever. Default null.</summary>
    public TimeSpan? HostIdFallback { get; init; }

    /// <summary>How many bytes, from the start, the server has by its last word.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>
    /// Whether the file's last bytes were sent, so that the file may be complete on the server, and a cancel proves nothing. Default false.
    /// </summary>
    public bool MayBeComplete { get; init; }

    /// <summary>Whether the upload is an upload-reply: the server is to answer the file with another. Default false.</summary>
    public bool ExpectsReply { get; init; }

    /// <summary>The full path of the file that the reply goes to; null for a stream or none. Default null.</summary>
    public string? ReplyPath { get; init; }

    /// <summary>
    /// Whether the session is of no more use, because the server broke the protocol in it, for example: resuming cancels it and begins another. Default false.
    /// </summary>
    public bool NeedsNewSession { get; init; }

    /// <summary>
    /// Whether an earlier session of this upload may be complete on the server, or be left there, so that a cancel of this one proves
    /// nothing. Default false.
    /// </summary>
    public bool EarlierSessionIsUncertain { get; init; }

    /// <summary>Whether the reply was downloaded, so that the session has only to be closed; resuming downloads it again. Default false.</summary>
    public bool IsReplyReceived { get; init; }

    /// <summary>Where the server's reply is, once it is known: a cancel then cancels the reply. Default null: it is not known, or none was asked for.</summary>
    public Uri? ReplyUrl { get; init; }

    /// <summary>The state as JSON, with a version; the user info of the URL, which may be a password, is left out, its query is not.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => Encoding.UTF8.GetString(CheckpointJson.Write(this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The state.</returns>
    /// <exception cref="InvalidDataException">It is no state, or is damaged, or a newer version of this library wrote it.</exception>
    public static BitsUploadCheckpoint FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return CheckpointJson.Read(Encoding.UTF8.GetBytes(json), "The text");
    }

    /// <summary>Why nothing can be done with these facts; null if they make sense.</summary>
    internal string? FindFault() =>
        Url is null ? "The state has no URL."
        : BitsUrl.FaultOf(Url) is { } fault ? fault
        : !BitsSessionId.IsValid(SessionId) || BytesTotal < 1 || BytesAcknowledged < 0 || BytesAcknowledged > BytesTotal
            ? "The state names no session, or its numbers do not fit each other."
        : Source is not null && (Source.Length != BytesTotal || Source.PrefixLength < 0 || Source.PrefixLength > BytesTotal)
            ? "The state's source has another length than its upload."
        : ExpectsReply && BytesAcknowledged == BytesTotal && ReplyUrl is null && !NeedsNewSession ? "The state does not tell where the reply is."
        : ReplyUrl is { IsAbsoluteUri: false } || (ReplyUrl is not null && !ExpectsReply) ? "The state's reply URL is relative, or no reply is expected."
        : HostId is not null && BitsHostId.Place(Url, HostId) is null ? "The state names something that is no host."
        : HostIdFallback < TimeSpan.Zero ? "The state's time for its host is negative."
        : null;

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesAcknowledged} of {BytesTotal} bytes");
        return true;
    }
}
