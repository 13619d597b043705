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

    /// <summary>The request. Headers may be added; method, URL, content and the headers of the protocol have to stay as they are.</summary>
    public HttpRequestMessage Request { get; }

    /// <summary>Which packet it carries.</summary>
    public BitsPacketType PacketType { get; }

    /// <summary>The status of the last answer in this session, such as 401 when a token has run out; null when there was none yet.</summary>
    public HttpStatusCode? LastStatus { get; }
}
