using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>The reply of an upload-reply, downloaded as a whole.</summary>
public sealed record BitsUploadReply
{
    /// <summary>Where it was. Servers drop it with the session, which is closed by now.</summary>
    public required Uri Url { get; init; }

    /// <summary>Its length, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The file that holds it; null when it was written to a stream.</summary>
    public string? Path { get; init; }

    // The text shows no query.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}, {Length} bytes");
        return true;
    }
}
