using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>A finished upload: the server acknowledged every byte and the end of the session.</summary>
public sealed record BitsUploadResult
{
    /// <summary>Where the file is now: the destination the upload was given.</summary>
    public required Uri Url { get; init; }

    /// <summary>The server's name of the session that carried it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>How many bytes had to be sent more than once; 0 when all went well.</summary>
    public required long BytesResent { get; init; }

    /// <summary>How many fragments the server acknowledged.</summary>
    public required int Fragments { get; init; }

    /// <summary>How many packets had to be sent again, or with something changed; 0 when all went well.</summary>
    public required int Retries { get; init; }

    /// <summary>The time from the first <see cref="BitsUploadJob.RunAsync"/> to the end of the last.</summary>
    public required TimeSpan Elapsed { get; init; }

    // The text shows no session id and no query.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {BytesTransferred} bytes in {Fragments} fragments, {Elapsed}");
        return true;
    }
}
