using System.Globalization;
using System.Text;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// A finished upload: the server acknowledged every byte and the end of the session. What was counted begins with the job: of an upload that was resumed, what went
/// before is not in it.
/// </summary>
public sealed record BitsUploadResult
{
    /// <summary>Where the file is now: the destination the upload was given.</summary>
    public required Uri Url { get; init; }

    /// <summary>The server's name of the session that carried it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>How many bytes were sent more than once, over all sessions of the upload; 0 if nothing failed.</summary>
    public required long BytesResent { get; init; }

    /// <summary>How many fragments the server acknowledged.</summary>
    public required int Fragments { get; init; }

    /// <summary>How many packets had to be sent again, or with something changed; 0 when all went well.</summary>
    public required int Retries { get; init; }

    /// <summary>
    /// The SHA-256 of the file in lower-case hexadecimal; null unless <see cref="BitsUploadOptions.ComputeSha256"/> was set when the upload began or
    /// was resumed, and where a stop that came too late left some of the file unread.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>The server's reply; null when none was asked for.</summary>
    public BitsUploadReply? Reply { get; init; }

    /// <summary>The time from the first <see cref="IBitsUploadJob.RunAsync"/> to the end of the last.</summary>
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

    // The text shows no session id and no query.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesTransferred} bytes in {Fragments} fragments, {Elapsed}");
        return true;
    }
}
