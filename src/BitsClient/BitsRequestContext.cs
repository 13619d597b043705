using System.Net;

namespace BitsClient;

/// <summary>A request that is about to be sent, for <see cref="BitsUploadOptions.PrepareRequest"/>.</summary>
public sealed class BitsRequestContext
{
    internal BitsRequestContext(HttpRequestMessage request, BitsPacketType packetType, HttpStatusCode? lastStatus, bool isOriginalOrigin)
    {
        Request = request;
        PacketType = packetType;
        LastStatus = lastStatus;
        IsOriginalOrigin = isOriginalOrigin;
    }

    /// <summary>The request. You can add headers; do not change the method, the URL, the content, or the headers of the protocol.</summary>
    /// <remarks>
    /// The headers that you add are removed again, unless the request goes to the origin of the upload's URL or to one of
    /// <see cref="BitsUploadOptions.TrustedOrigins"/>.
    /// </remarks>
    public HttpRequestMessage Request { get; }

    /// <summary>The packet that the request contains.</summary>
    public BitsPacketType PacketType { get; }

    /// <summary>The status of the last answer to the upload, such as 401 when a token has expired; null if there was none yet.</summary>
    public HttpStatusCode? LastStatus { get; }

    /// <summary>
    /// Whether the request goes to the origin (scheme, host and port) of the upload's URL. False if the server named another one, for the
    /// session or for its reply: a token for the upload's server does not belong there.
    /// </summary>
    public bool IsOriginalOrigin { get; }
}
