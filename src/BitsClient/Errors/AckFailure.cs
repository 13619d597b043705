using BitsClient.Protocol;

namespace BitsClient.Errors;

/// <summary>Says what is wrong with the answer to a packet, as the exception that the caller gets. Nothing is thrown here.</summary>
internal static class AckFailure
{
    /// <summary>Close-Session was sent in an earlier session, so that a refusal may be due to the file that it stored.</summary>
    public const string EarlierClose =
        " Every byte was acknowledged before, and Close-Session was sent, so the file may already be on the server.";

    /// <summary>The failure that an answer means; null if it is a success.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="url">Where it was sent.</param>
    /// <param name="ack">The answer.</param>
    /// <param name="more">What else is known about an error status, as sentences that follow a space.</param>
    public static BitsUploadException? Of(BitsPacket packet, Uri url, BitsAck ack, string more = "")
    {
        if (ack.IsSuccess)
        {
            return null;
        }

        if (ack.RedirectedTo is { } elsewhere)
        {
            return Failure.OfProtocol(
                packet, url,
                $"the HttpClient followed a redirect to {BitsUrl.Shown(elsewhere)}, and uploads are not redirected: "
                + "turn AllowAutoRedirect off, or use that URL if you trust it.");
        }

        return (int)ack.StatusCode is >= 200 and <= 299
            ? OfUnexpectedSuccess(packet, url, ack)
            : Failure.OfServer(packet, url, ack, Describe(packet, url, ack) + more);
    }

    /// <summary>The same for the answer to the GET of a reply, which is not an ack.</summary>
    public static BitsUploadException? OfReply(BitsPacket.GetReply get, BitsAck answer) =>
        answer.IsReply ? null : Of(get, get.Url, answer with { IsAck = false });

    /// <summary>A header that violates the protocol.</summary>
    public static BitsProtocolException Header(BitsPacket packet, Uri url, string header, string? value, string detail)
    {
        string found = value is null ? $"{header} is missing" : $"{header} is '{MessageText.OfServerText(value)}'";
        return Failure.OfProtocol(packet, url, $"{found}; {detail}", header, value);
    }

    private static BitsProtocolException OfUnexpectedSuccess(BitsPacket packet, Uri url, BitsAck ack)
    {
        int status = (int)ack.StatusCode;
        if (packet is BitsPacket.GetReply)
        {
            return Failure.OfProtocol(packet, url, $"the server answered {status}, which does not contain a reply.");
        }

        return ack.IsAck
            ? Failure.OfProtocol(
                packet, url, $"the server answered {status}, which acknowledges nothing.", BitsHeaderNames.PacketType, BitsHeaderNames.Ack)
            : Failure.OfProtocol(
                packet, url,
                $"the server answered {status} without BITS-Packet-Type: Ack. "
                + "This is not a BITS server; a portal or a login page may have answered instead.",
                BitsHeaderNames.PacketType);
    }

    private static string Describe(BitsPacket packet, Uri url, BitsAck ack)
    {
        string code = ack.ErrorCode is { } error ? $" with 0x{error:X8} {BitsHResult.NameOf(error)}".TrimEnd() : "";
        string context = ack.ErrorContext switch
        {
            null => "",
            0x5 => " from the server itself",
            0x7 => " from the application behind the server",
            { } other => $" in context 0x{other:X}",
        };
        return $"the server answered {(int)ack.StatusCode}{code}{context}.{Advice(packet, url, ack)}";
    }

    // What to do about it, if the answer allows a guess.
    private static string Advice(BitsPacket packet, Uri url, BitsAck ack) => (packet, (int)ack.StatusCode, ack.IsAck) switch
    {
        (_, 401 or 403 or 407, _) when ack.IsUntrusted =>
            " The server named this origin, which is not that of the upload's URL, so credentials and headers of the application were "
            + $"withheld; if you trust it, add it to {nameof(BitsUploadOptions.TrustedOrigins)}.",
        (_, 401 or 407, _) => Authentication(ack),
        (_, >= 300 and <= 399, _) =>
            $" It redirects to {MessageText.OfServerText(MessageText.OfServerUrl(ack.Location))}, and uploads are not redirected: "
            + "use that URL if you trust it.",
        (BitsPacket.Fragment, 404, false) =>
            " Create-Session was acknowledged at this URL, so the fragment may be too large for the server or something on the way to it; "
            + "send smaller ones.",
        (BitsPacket.Fragment, 413, _) => " The fragment is too large for the server or something on the way to it; send smaller ones.",
        (BitsPacket.CreateSession, 404, false) when IsDoubleEscaped(url) =>
            " The path contains '+' or an escaped '%', which IIS refuses as double escaping: set allowDoubleEscaping there, or use another "
            + "name.",
        (BitsPacket.CreateSession, 501, _) or (BitsPacket.CreateSession, 400 or 403 or 404 or 405 or 406, false) =>
            " BITS uploads are not enabled at this URL, or the server or a proxy does not know the verb BITS_POST; "
            + $"{nameof(BitsUploadOptions.OverrideVerb)} sends POST instead.",
        (BitsPacket.CloseSession, _, _) => " Every byte was acknowledged before, so the file may already be on the server.",
        _ => "",
    };

    private static string Authentication(BitsAck ack)
    {
        string schemes = MessageText.OfServerText(ack.Challenges ?? "without naming a scheme");
        return ack.RefusedCredentials
            ? $" It refused the credentials that were sent, and asks for authentication again ({schemes}); check the user name and the "
                + "password, or the token."
            : $" It asks for authentication ({schemes}); give the HttpClient's handler credentials.";
    }

    // The request filter of IIS answers 404.11.
    private static bool IsDoubleEscaped(Uri url) =>
        url.AbsolutePath.Contains('+') || url.AbsolutePath.Contains("%2B", StringComparison.OrdinalIgnoreCase)
        || url.AbsolutePath.Contains("%25", StringComparison.Ordinal);
}
