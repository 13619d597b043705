using System.Globalization;

namespace BitsClient.Cli;

/// <summary>A host that may receive the user's password and headers as well (--trust-host).</summary>
/// <param name="Host">The name or the address, an IPv6 address in brackets.</param>
/// <param name="Port">The port; null for that of the upload's URL.</param>
internal sealed record TrustedHost(string Host, int? Port)
{
    /// <summary>Reads HOST or HOST:PORT; null if it is neither.</summary>
    public static TrustedHost? Parse(string text)
    {
        int end = text.StartsWith('[') ? text.IndexOf(']') + 1 : text.IndexOf(':');
        string host = end >= 0 ? text[..end] : text;
        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            return null;
        }

        if (host.Length == text.Length)
        {
            return new TrustedHost(host, null);
        }

        bool isPort = ushort.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        return isPort && text[end] is ':' ? new TrustedHost(host, port) : null;
    }

    /// <summary>The origin on this host for an upload to a URL: its scheme, and its port unless another is specified.</summary>
    public Uri OriginFor(Uri url) => new UriBuilder(url.Scheme, Host, Port ?? url.Port).Uri;
}
