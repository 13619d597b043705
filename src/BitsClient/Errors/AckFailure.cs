using System.Globalization;
using BitsClient.Protocol;

namespace BitsClient.Errors;

/// <summary>Says what is wrong with an ack, as the exception the caller gets. Pure: nothing is thrown here.</summary>
internal static class AckFailure
{
    private const int MostShown = 100;

    /// <summary>The failure that an answer as a whole stands for; null if it is a success.</summary>
    public static BitsUploadException? Of(BitsPacket packet, Uri url, BitsAck ack)
    {
        if (ack.IsSuccess)
        {
            return null;
        }

        if (ack.RedirectedTo is { } elsewhere)
        {
            return Protocol(
                packet, url, $"the HttpClient followed a redirect to {BitsUrl.Shown(elsewhere)}, and uploads are not redirected: turn AllowAutoRedirect off, or use that URL if you trust it.", header: null, value: null);
        }

        int status = (int)ack.StatusCode;
        if (status is >= 200 and <= 299)
        {
            if (packet is BitsPacket.GetReply)
            {
                return Protocol(packet, url, $"the server answered {status}, which brings no reply.", header: null, value: null);
            }

            string detail = ack.IsAck
                ? $"the server answered {status}, which acknowledges nothing."
                : $"the server answered {status} without BITS-Packet-Type: Ack. This is no BITS server; a portal or a login page may have answered in its place.";
            return Protocol(packet, url, detail, BitsHeaderNames.PacketType, ack.IsAck ? BitsHeaderNames.Ack : null);
        }

        string code = ack.ErrorCode is { } error ? $" with 0x{error:X8} {BitsHResult.NameOf(error)}".TrimEnd() : "";
        string context = ack.ErrorContext switch
        {
            null => "",
            0x5 => " from the server itself",
            0x7 => " from the application behind the server",
            { } other => $" in context 0x{other:X}",
        };
        return new BitsServerException(
            Message(packet, url, $"the server answered {status}{code}{context}.{Advice(packet, ack)}"), ack)
        {
            Url = url,
            PacketType = packet.Type,
            SessionId = SessionIdOf(packet),
        };
    }

    /// <summary>The same for the answer to the GET of a reply, which is no ack.</summary>
    public static BitsUploadException? OfReply(BitsPacket.GetReply get, BitsAck answer) => answer.IsReply ? null : Of(get, get.Url, answer with { IsAck = false });

    /// <summary>A header that breaks the protocol.</summary>
    public static BitsProtocolException Header(BitsPacket packet, Uri url, string header, string? value, string detail) =>
        Protocol(packet, url, value is null ? $"{header} is missing; {detail}" : $"{header} is '{Cut(value)}'; {detail}", header, value);

    /// <summary>How every message begins: packet, URL, session.</summary>
    public static string Message(BitsPacket packet, Uri url, string detail)
    {
        string session = SessionIdOf(packet) is { } id ? $" (session {Cut(id)})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{BitsPacketWriter.NameOf(packet.Type)} to {BitsUrl.Shown(url)}{session}: {detail}");
    }

    /// <summary>What a server sent may be long, or meant for the terminal it is shown on.</summary>
    public static string Cut(string text, int most = MostShown)
    {
        string shown = string.Concat(text.Take(most).Select(c => char.IsControl(c) ? '?' : c));
        return text.Length <= most ? shown : shown + "…";
    }

    /// <summary>A URL that the server sent, as it may be shown: without user info and query.</summary>
    public static string Shown(string? location) =>
        Uri.TryCreate(location, UriKind.Absolute, out Uri? elsewhere) && (elsewhere.Scheme == Uri.UriSchemeHttp || elsewhere.Scheme == Uri.UriSchemeHttps)
            ? BitsUrl.Shown(elsewhere)
            : (location ?? "nowhere").Split('?')[0].Split('@')[^1];

    public static string? SessionIdOf(BitsPacket packet) => packet switch
    {
        BitsPacket.Fragment fragment => fragment.SessionId,
        BitsPacket.GetReply get => get.SessionId,
        BitsPacket.CloseSession close => close.SessionId,
        BitsPacket.CancelSession cancel => cancel.SessionId,
        _ => null,
    };

    private static BitsProtocolException Protocol(BitsPacket packet, Uri url, string detail, string? header, string? value) =>
        new(Message(packet, url, detail), header, value is null ? null : Cut(value))
        {
            Url = url,
            PacketType = packet.Type,
            SessionId = SessionIdOf(packet),
        };

    // What to do about it, where the answer tells.
    private static string Advice(BitsPacket packet, BitsAck ack) => (packet, (int)ack.StatusCode, ack.IsAck) switch
    {
        (_, 401 or 407, _) => $" It asks for authentication ({Cut(ack.Challenges ?? "without naming a scheme")}); give the HttpClient's handler credentials.",
        (_, >= 300 and <= 399, _) => $" It redirects to {Cut(Shown(ack.Location))}, and uploads are not redirected: use that URL if you trust it.",
        (BitsPacket.Fragment, 413, _) => " The fragment is too big for the server or something on the way to it; send smaller ones.",
        (BitsPacket.CreateSession, 501, _) or (BitsPacket.CreateSession, 404 or 405 or 400, false) =>
            $" BITS uploads are not enabled at this URL, or the server or a proxy does not know the verb BITS_POST; {nameof(BitsUploadOptions.OverrideVerb)} sends POST in its place.",
        _ => "",
    };
}
