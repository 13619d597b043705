using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BitsClient.Protocol;

/// <summary>
/// Replaces the host of a URL with the host that a server named (BITS-Host-Id, MC-BUP 2.2.3): a host with or without a port, never a URL.
/// </summary>
internal static class BitsHostId
{
    /// <summary>
    /// The URL on that host, without the user info, which is for the URL's own host. If the value has no port, the port of the URL is
    /// kept. Null if the value is not a host.
    /// </summary>
    public static Uri? Place(Uri url, string hostId)
    {
        string host = HostOf(hostId);
        int? port = host.Length == hostId.Length ? url.Port : ReadPort(hostId.AsSpan(host.Length));
        return port is not null && IsHost(host)
            ? new UriBuilder(url) { Host = host, Port = port.Value, UserName = "", Password = "" }.Uri
            : null;
    }

    /// <summary>The canonical host, with the port if the value has one: 2130706433 and 0x7f.1 are 127.0.0.1.</summary>
    /// <param name="target">The URL on that host.</param>
    /// <param name="hostId">The host as the server spelled it.</param>
    public static string Canonical(Uri target, string hostId) =>
        HostOf(hostId).Length == hostId.Length ? target.Host : FormattableString.Invariant($"{target.Host}:{target.Port}");

    private static string HostOf(string hostId)
    {
        int end = hostId.StartsWith('[') ? hostId.IndexOf(']') + 1 : hostId.IndexOf(':');
        return end >= 0 ? hostId[..end] : hostId;
    }

    private static bool IsHost(string host) => host.StartsWith('[')
        ? IsAddress(host[1..^1])
        : host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            && Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;

    // A scope (%eth0) is only meaningful on the server's machine.
    private static bool IsAddress(string text) =>
        !text.Contains('%', StringComparison.Ordinal)
        && IPAddress.TryParse(text, out IPAddress? address)
        && address.AddressFamily is AddressFamily.InterNetworkV6;

    private static int? ReadPort(ReadOnlySpan<char> text) =>
        text[0] is ':' && ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? port
            : null;
}
