using System.Net;

namespace BitsClient;

/// <summary>A request that is about to be sent, for <see cref="BitsUploadOptions.PrepareRequest"/>.</summary>
public sealed class BitsRequestContext
{
    internal BitsRequestContext(HttpRequestMessage request, BitsPacketType packetType, HttpStatusCode? lastStatus)
    {
        Request = request;
        PacketType = packetType;
        LastStatus = lastStatus;
    }

    /// <summary>The request. You can add headers; do not change the method, the URL, the content, or the headers of the protocol.</summary>
    public HttpRequestMessage Request { get; }

    /// <summary>The packet that the request contains.</summary>
    public BitsPacketType PacketType { get; }

    /// <summary>The status of the last answer in this session, such as 401 when a token has expired; null if there was none yet.</summary>
    public HttpStatusCode? LastStatus { get; }
}
