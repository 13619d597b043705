using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace BitsClient.Protocol;

/// <summary>
/// Creates the request for a packet, with headers in the order in which Windows sends them. Each attempt gets a new request. ReplyDownload
/// creates the GET of a reply, and BitsChannel adds what all requests have, such as User-Agent.
/// </summary>
internal static class BitsPacketWriter
{
    private static readonly HttpMethod Verb = new(BitsHeaderNames.Verb);

    /// <param name="packet">The packet.</param>
    /// <param name="target">The URL that packets are sent to (MC-BUP 2.1).</param>
    /// <param name="content">The bytes of a fragment; for any other packet, a content without bytes, sent as Content-Length: 0.</param>
    /// <param name="style">How packets are written.</param>
    public static HttpRequestMessage Write(BitsPacket packet, Uri target, HttpContent content, WireStyle style)
    {
        HttpRequestMessage request = new(style.OverridesVerb ? HttpMethod.Post : Verb, target)
        {
            // IIS does not support Windows authentication over HTTP/2, and the protocol is defined for HTTP/1.1.
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        HttpRequestHeaders headers = request.Headers;
        AddCommon(headers, packet, style);
        switch (packet)
        {
            case BitsPacket.Ping:
                break;
            case BitsPacket.CreateSession create:
                headers.TryAddWithoutValidation(BitsHeaderNames.SupportedProtocols, style.ProtocolId);
                AddContentName(headers, create.ContentName);
                break;
            case BitsPacket.Fragment fragment:
                AddSessionId(headers, fragment.SessionId);
                AddContentName(headers, fragment.ContentName);
                AddRange(content, fragment);
                if (fragment.AsksFirst)
                {
                    headers.ExpectContinue = true;
                }

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

    /// <summary>The packet type as it is sent. Some servers compare it case-sensitively.</summary>
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

    private static void AddCommon(HttpRequestHeaders headers, BitsPacket packet, WireStyle style)
    {
#if !NET
        // .NET Framework would send it.
        headers.ExpectContinue = false;
#endif
        if (style.OverridesVerb)
        {
            headers.Add(BitsHeaderNames.MethodOverride, BitsHeaderNames.Verb);
        }

        headers.TryAddWithoutValidation(BitsHeaderNames.PacketType, NameOf(packet.Type));
    }

    // The id is opaque, and is sent back byte for byte. No value has to be parsed, as all of them are known to be valid.
    private static void AddSessionId(HttpRequestHeaders headers, string sessionId) =>
        headers.TryAddWithoutValidation(BitsHeaderNames.SessionId, sessionId);

    private static void AddRange(HttpContent content, BitsPacket.Fragment fragment) => content.Headers.TryAddWithoutValidation(
        BitsHeaderNames.ContentRange,
        string.Create(CultureInfo.InvariantCulture, $"bytes {fragment.Offset}-{fragment.End - 1}/{fragment.Total}"));

    private static void AddContentName(HttpRequestHeaders headers, string? contentName)
    {
        if (contentName is not null)
        {
            headers.TryAddWithoutValidation(BitsHeaderNames.ContentName, contentName);
        }
    }
}
