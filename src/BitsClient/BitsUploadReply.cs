using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>The completely downloaded reply of an upload-reply. Immutable.</summary>
public sealed record BitsUploadReply
{
    /// <summary>Where it was downloaded from. Servers delete it with the session, which is closed by now.</summary>
    public required Uri Url { get; init; }

    /// <summary>Its length, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The file that contains it; null if it was written to a stream. Default null.</summary>
    public string? Path { get; init; }

    // ToString does not show the query.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {Length} bytes");
        return true;
    }
}
