using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Engine;

/// <summary>The checks of a request that do not depend on its session.</summary>
internal static class PacketRules
{
    /// <summary>Returns the refusal, or null if the request is valid.</summary>
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

        // A body is never chunked: [MC-BUP] 2.2.1.
        if (request.ContentLength is null)
        {
            return ServerAnswer.Error(411, ErrorCodes.InvalidArgument);
        }

        string? encoding = request.Header(HeaderNames.ContentEncoding);
        return encoding is null || encoding.Equals(HeaderNames.Identity, StringComparison.OrdinalIgnoreCase)
            ? null
            : ServerAnswer.Error(400, ErrorCodes.InvalidArgument);
    }

    /// <summary>Whether the client offers a protocol that the server supports.</summary>
    public static bool OffersUploadProtocol(ServerRequest request) =>
        request.Header(HeaderNames.SupportedProtocols) is { } offered
        && offered.Split(' ').Contains(HeaderNames.UploadProtocol, StringComparer.OrdinalIgnoreCase);

    // Clients send the method in a header if a host or proxy refuses it.
    private static bool IsBitsPost(ServerRequest request) =>
        request.Method is HeaderNames.BitsPost
        || (request.Method is HeaderNames.Post && request.Header(HeaderNames.MethodOverride) is HeaderNames.BitsPost);
}
