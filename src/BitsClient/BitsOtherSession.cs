using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// A session of an upload that may still be on a server: one before the current one, or the current one at a host that the upload has left.
/// Immutable.
/// <see cref="object.ToString"/> shows neither the session id nor the URL's query.
/// </summary>
public sealed record BitsOtherSession
{
    /// <summary>The URL to which its packets went: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The id that the server gave it; null if no answer named it, so that it cannot be canceled. Default null.</summary>
    public string? SessionId { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}");
        return true;
    }
}
