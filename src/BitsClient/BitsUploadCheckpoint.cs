using System.Globalization;
using System.Text;
using BitsClient.Persistence;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// What is saved of an upload while its session is open: enough to resume it later (<see cref="IBitsUploadClient.ResumeJob"/>) or to cancel
/// it (<see cref="IBitsUploadClient.CancelSessionAsync"/>), in another process too. <see cref="ToJson"/> converts it to text. Immutable. It
/// contains no password, but whoever has it can end the session: keep it secret. <see cref="object.ToString"/> shows neither the session id
/// nor the URL's query.
/// </summary>
public sealed record BitsUploadCheckpoint
{
    private readonly ValueList<BitsOtherSession> _otherSessions = new([]);

    /// <summary>Identifies the upload: <see cref="IBitsUploadJob.Id"/>. Default all zeros.</summary>
    public Guid Id { get; init; }

    /// <summary>When the job was created. Default 1 January of year 1.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the checkpoint was taken. Default 1 January of year 1.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What the source is compared with when the upload is resumed. Default null: only its length is compared.</summary>
    public BitsSourceFingerprint? Source { get; init; }

    /// <summary>The destination of the upload: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The id that the server gave the session, byte for byte; null if only <see cref="OtherSessions"/> are left, so that resuming begins
    /// at the first byte. Default null.
    /// </summary>
    public string? SessionId { get; init; }

    /// <summary>
    /// The host that the server named for this session, with the port if it named one; null when its packets go to the host of
    /// <see cref="Url"/>. Default null.
    /// </summary>
    public string? HostId { get; init; }

    /// <summary>
    /// How long that host may be unreachable before packets go to the host of <see cref="Url"/> again; null for no limit. Default null.
    /// </summary>
    public TimeSpan? HostIdFallback { get; init; }

    /// <summary>How many bytes, from the start, the server last acknowledged.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>
    /// No byte after this many was sent before the checkpoint was taken, so that a server that claims more is not believed. Null if it is
    /// not known. Default null.
    /// </summary>
    public long? BytesSentAtMost { get; init; }

    /// <summary>
    /// Whether the server keeps the offset of a session, so that bytes that are sent again are not stored twice; null if it is not known.
    /// Default null.
    /// </summary>
    public bool? ServerKeepsOffsets { get; init; }

    /// <summary>
    /// The largest fragment that the server is known to accept, in bytes, so that it is not asked again; null if it is not known. Default
    /// null.
    /// </summary>
    public long? LargestFragmentAccepted { get; init; }

    /// <summary>
    /// The size above which fragments were refused, in bytes; null if none was because of its size. At least 1. Default null.
    /// </summary>
    public int? FragmentSizeLimit { get; init; }

    /// <summary>
    /// Whether it was of no use to ask the server if a fragment is too large for it (<c>Expect: 100-continue</c>). Default false.
    /// </summary>
    public bool IsAskingUseless { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>
    /// Whether the last bytes of the file may have been sent. The file may then be complete on the server, even if the session is canceled.
    /// Default false.
    /// </summary>
    public bool MayBeComplete { get; init; }

    /// <summary>Whether the upload is an upload-reply: the server answers the file with another file. Default false.</summary>
    public bool ExpectsReply { get; init; }

    /// <summary>The full path of the file that the reply goes to; null for a stream or none. Default null.</summary>
    public string? ReplyPath { get; init; }

    /// <summary><see cref="BitsJobOptions.Description"/> of the upload; null for none. Default null.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// The W3C trace context of the last run that was traced, to which a run that resumes the upload links its own trace; null if none was.
    /// Default null.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// Whether the session can no longer be used, for example because the server violated the protocol. Resuming cancels it and creates a
    /// new one. Default false.
    /// </summary>
    public bool NeedsNewSession { get; init; }

    /// <summary>
    /// The sessions of this upload, besides the current one, that may still be on a server. A cancel ends each of them where it is, as far
    /// as its id is known. Default empty.
    /// </summary>
    public IReadOnlyList<BitsOtherSession> OtherSessions
    {
        get => _otherSessions;
        init => _otherSessions = new ValueList<BitsOtherSession>(value ?? []);
    }

    /// <summary>
    /// Whether an earlier session of this upload may have stored the whole file. Canceling this session does not change that. Default
    /// false.
    /// </summary>
    public bool EarlierSessionMayBeComplete { get; init; }

    /// <summary>
    /// Whether the reply was downloaded, so that only Close-Session is missing. Resuming downloads the reply again. Default false.
    /// </summary>
    public bool IsReplyReceived { get; init; }

    /// <summary>The URL of the server's reply; null while it is not known, or if no reply is expected. Default null.</summary>
    public Uri? ReplyUrl { get; init; }

    /// <summary>
    /// Returns the checkpoint as JSON with a format version. It omits the user info of the URL, which may be a password, but not the query.
    /// </summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => Encoding.UTF8.GetString(CheckpointJson.Write(this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="InvalidDataException">
    /// It is not a checkpoint, is damaged, or was written by another version of this library.
    /// </exception>
    public static BitsUploadCheckpoint FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return CheckpointJson.Read(Encoding.UTF8.GetBytes(json), "The text");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesAcknowledged} of {BytesTotal} bytes");
        return true;
    }
}
