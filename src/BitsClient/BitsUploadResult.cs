using System.Globalization;
using System.Text;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// The result of a completed upload: the server has acknowledged every byte and Close-Session. If the upload was resumed, the counts and
/// the time are those of the job that resumed it. Immutable.
/// </summary>
public sealed record BitsUploadResult
{
    /// <summary>Where the file is: the destination of the upload.</summary>
    public required Uri Url { get; init; }

    /// <summary>The id of the session that completed the upload.</summary>
    public required string SessionId { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>How many bytes were sent more than once, in all sessions of the upload; 0 if nothing failed.</summary>
    public required long BytesResent { get; init; }

    /// <summary>How many fragments the server acknowledged.</summary>
    public required int Fragments { get; init; }

    /// <summary>How many packets were sent again, unchanged or changed; 0 if nothing failed.</summary>
    public required int Retries { get; init; }

    /// <summary>
    /// The SHA-256 of the source in lowercase hexadecimal. Null unless <see cref="BitsUploadOptions.ComputeSha256"/> was set when the
    /// upload began or was resumed, or the file may grow; or if a cancel that came too late left some of the source unread. Default null.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>The server's reply; null if none was requested. Default null.</summary>
    public BitsUploadReply? Reply { get; init; }

    /// <summary>The time from the start of the first <see cref="IBitsUploadJob.RunAsync"/> to the end of the last.</summary>
    public required TimeSpan Elapsed { get; init; }

    internal static BitsUploadResult Of(UploadState closed, BitsReplyTarget? reply, string? sha256, TimeSpan elapsed) => new()
    {
        Url = closed.Url,
        SessionId = closed.Session!.Id,
        BytesTransferred = closed.Total,
        BytesResent = closed.Tally.BytesResent,
        Fragments = closed.Tally.Fragments,
        Retries = closed.Tally.Retries,
        Sha256 = sha256,
        Reply = reply is null ? null : new BitsUploadReply { Url = closed.Session!.ReplyUrl!, Length = reply.Length, Path = reply.Path },
        Elapsed = elapsed,
    };

    // ToString shows neither the session id nor the query.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesTransferred} bytes in {Fragments} fragments, {Elapsed}");
        return true;
    }
}
