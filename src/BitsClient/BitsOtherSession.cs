using System.Globalization;
using System.Text;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// A session that an upload opened before its current one, and that may still be on the server. Immutable.
/// <see cref="object.ToString"/> shows neither the session id nor the URL's query.
/// </summary>
public sealed record BitsOtherSession
{
    /// <summary>The URL of the server that acknowledged it: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The id that the server gave it; null if no answer named it, so that it cannot be canceled. Default null.</summary>
    public string? SessionId { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{BitsUrl.Shown(Url)}");
        return true;
    }
}
