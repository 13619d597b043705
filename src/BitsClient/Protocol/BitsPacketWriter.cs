using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace BitsClient.Protocol;

/// <summary>Writes a packet into a request, headers in the order Windows sends them. A request is written anew for each attempt.</summary>
internal static class BitsPacketWriter
{
    private static readonly HttpMethod Verb = new(BitsHeaderNames.Verb);

    /// <param name="packet">What to say.</param>
    /// <param name="target">The destination URL: the target of every packet (MC-BUP 2.1).</param>
    /// <param name="content">A fragment's bytes; null for every other packet, which then goes out with Content-Length: 0.</param>
    /// <param name="style">How to spell it.</param>
    public static HttpRequestMessage Write(BitsPacket packet, Uri target, HttpContent? content, WireStyle style)
    {
        HttpRequestMessage request = new(style.OverridesVerb ? HttpMethod.Post : Verb, target)
        {
            // IIS has no Windows authentication over HTTP/2, and the protocol is written for 1.1.
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        HttpRequestHeaders headers = request.Headers;
        if (style.OverridesVerb)
        {
            headers.Add(BitsHeaderNames.MethodOverride, BitsHeaderNames.Verb);
        }

        headers.Add(BitsHeaderNames.PacketType, NameOf(packet.Type));
        switch (packet)
        {
            case BitsPacket.Ping:
                break;
            case BitsPacket.CreateSession create:
                headers.Add(BitsHeaderNames.SupportedProtocols, style.ProtocolId);
                AddContentName(headers, create.ContentName);
                break;
            case BitsPacket.Fragment fragment:
                AddSessionId(headers, fragment.SessionId);
                AddContentName(headers, fragment.ContentName);
                content!.Headers.ContentRange = new ContentRangeHeaderValue(fragment.Offset, fragment.End - 1, fragment.Total);
                break;
            case BitsPacket.CloseSession close:
                AddSessionId(headers, close.SessionId);
                AddContentName(headers, close.ContentName);
                break;
            case BitsPacket.CancelSession cancel:
                AddSessionId(headers, cancel.SessionId);
                break;
            default:
                throw new UnreachableException();
        }

        return request;
    }

    /// <summary>The packet type as it goes over the wire. Some servers compare it case-sensitively.</summary>
    public static string NameOf(BitsPacketType type) => type switch
    {
        BitsPacketType.Ping => "Ping",
        BitsPacketType.CreateSession => "Create-Session",
        BitsPacketType.Fragment => "Fragment",
        BitsPacketType.CloseSession => "Close-Session",
        BitsPacketType.CancelSession => "Cancel-Session",
        BitsPacketType.GetReply => "GET",
        _ => throw new UnreachableException(),
    };

    // The id is opaque: it goes back byte for byte.
    private static void AddSessionId(HttpRequestHeaders headers, string sessionId) =>
        headers.TryAddWithoutValidation(BitsHeaderNames.SessionId, sessionId);

    private static void AddContentName(HttpRequestHeaders headers, string? contentName)
    {
        if (contentName is not null)
        {
            headers.Add(BitsHeaderNames.ContentName, contentName);
        }
    }
}
