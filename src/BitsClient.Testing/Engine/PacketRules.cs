using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Engine;

/// <summary>What can be said against a request before anyone looks at its session.</summary>
internal static class PacketRules
{
    /// <summary>The refusal, or null when the request is in order.</summary>
    public static ServerAnswer? Refuse(ServerRequest request, long? maxRequestBytes)
    {
        if (!IsBitsPost(request))
        {
            return ServerAnswer.WithoutAck(405, new BitsHeader(HeaderNames.Allow, HeaderNames.BitsPost));
        }

        if (request.ContentLength > maxRequestBytes)
        {
            return ServerAnswer.WithoutAck(413);
        }

        // Never chunked: [MC-BUP] 2.2.1.
        if (request.ContentLength is null)
        {
            return ServerAnswer.Error(411, ErrorCodes.InvalidArgument);
        }

        string? encoding = request.Header(HeaderNames.ContentEncoding);
        return encoding is null || encoding.Equals(HeaderNames.Identity, StringComparison.OrdinalIgnoreCase)
            ? null
            : ServerAnswer.Error(400, ErrorCodes.InvalidArgument);
    }

    /// <summary>Whether the client offers a protocol that the server speaks.</summary>
    public static bool OffersUploadProtocol(ServerRequest request) =>
        request.Header(HeaderNames.SupportedProtocols) is { } offered
        && offered.Split(' ').Contains(HeaderNames.UploadProtocol, StringComparer.OrdinalIgnoreCase);

    // Where hosts and proxies refuse the verb, clients send it as a header.
    private static bool IsBitsPost(ServerRequest request) =>
        request.Method is HeaderNames.BitsPost || (request.Method is HeaderNames.Post && request.Header(HeaderNames.MethodOverride) is HeaderNames.BitsPost);
}
