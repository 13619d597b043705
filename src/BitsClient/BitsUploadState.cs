using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// A session on a server, as plain facts: enough to cancel it later, even from another process (<see cref="IBitsUploadClient.CancelSessionAsync"/>).
/// Immutable. It holds no password, but whoever has it can end the session: keep it as a secret. Its text shows neither the session id nor the URL's query.
/// </summary>
public sealed record BitsUploadState
{
    /// <summary>The destination of the upload: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The server's name of the session, byte for byte as it was given.</summary>
    public required string SessionId { get; init; }

    /// <summary>The host that the server named for this session, with the port if it named one; null when its packets go to the host of <see cref="Url"/>. Default null.</summary>
    public string? HostId { get; init; }

    /// <summary>How many bytes, from the start, the server has by its last word.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>
    /// Whether the file's last bytes were sent, so that the file may be complete on the server, and a cancel proves nothing. Default false.
    /// </summary>
    public bool MayBeComplete { get; init; }

    /// <summary>Where the server's reply is, while it is not downloaded: a cancel then cancels the reply. Default null: there is none, or none was asked for.</summary>
    public Uri? ReplyUrl { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesAcknowledged} of {BytesTotal} bytes");
        return true;
    }
}
