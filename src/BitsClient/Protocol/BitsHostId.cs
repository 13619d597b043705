using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BitsClient.Protocol;

/// <summary>
/// Replaces the host of a URL with the host that a server named (BITS-Host-Id, MC-BUP 2.2.3): a host with or without a port, never a URL.
/// </summary>
internal static class BitsHostId
{
    /// <summary>The URL on that host. If the value has no port, the port of the URL is kept. Null if the value is not a host.</summary>
    public static Uri? Place(Uri url, string hostId)
    {
        int end = hostId.StartsWith('[') ? hostId.IndexOf(']') + 1 : hostId.IndexOf(':');
        string host = end >= 0 ? hostId[..end] : hostId;
        int? port = host.Length == hostId.Length ? url.Port : ReadPort(hostId.AsSpan(host.Length));
        return port is not null && IsHost(host) ? new UriBuilder(url) { Host = host, Port = port.Value }.Uri : null;
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
