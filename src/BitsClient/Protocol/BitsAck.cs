using System.Net;
using System.Text;

namespace BitsClient.Protocol;

/// <summary>
/// The answer to a packet as a value. A value that cannot be parsed is kept as text, because whether it is an error depends on the packet.
/// Immutable.
/// </summary>
internal sealed record BitsAck
{
    public required HttpStatusCode StatusCode { get; init; }

    /// <summary>Whether the answer has BITS-Packet-Type: Ack. Without it, a login page with status 200 would look like an ack.</summary>
    public bool IsAck { get; init; }

    public string? SessionId { get; init; }

    /// <summary>The protocol that the server chose; null if it does not say, as many servers do not.</summary>
    public string? Protocol { get; init; }

    /// <summary>The host for the rest of the session, as received; null if the server names none.</summary>
    public string? HostId { get; init; }

    /// <summary>Why the caller's policy does not accept that host; null if it does, or was not asked.</summary>
    public string? HostObjection { get; init; }

    /// <summary>
    /// How long that host may be unreachable; null for no limit: the header is missing, or is not a number of whole seconds.
    /// </summary>
    public TimeSpan? HostIdFallback { get; init; }

    /// <summary>The offset of the next byte that the server wants; null if the header is missing or not a number.</summary>
    public long? ReceivedOffset { get; init; }

    /// <summary>The header as received; null if it is missing.</summary>
    public string? ReceivedOffsetText { get; init; }

    /// <summary>The URL of the reply, as received; null if the server does not specify it.</summary>
    public string? ReplyUrl { get; init; }

    public uint? ErrorCode { get; init; }

    public uint? ErrorContext { get; init; }

    /// <summary>How long the server asks to wait, from the arrival of the answer; null if it does not ask.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The authentication schemes that the server offers, such as "Negotiate, Basic"; null if it does not ask for authentication.
    /// </summary>
    public string? Challenges { get; init; }

    /// <summary>The server asks for authentication although the request had credentials.</summary>
    public bool RefusedCredentials { get; init; }

    /// <summary>The origin is not trusted, so that credentials were withheld from it.</summary>
    public bool IsUntrusted { get; init; }

    /// <summary>The URL that the server redirects to, as received; null if there is none.</summary>
    public string? Location { get; init; }

    /// <summary>The URL that answered instead of the target, because the handler followed a redirect; null if it did not.</summary>
    public Uri? RedirectedTo { get; init; }

    /// <summary>Whether the answer contains a reply, or the rest of one. The answer to the GET of a reply is not an ack.</summary>
    public bool IsReply => RedirectedTo is null && (StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent);

    /// <summary>200 or 201, <b>and</b> an ack (MC-BUP 3.1.5).</summary>
    public bool IsSuccess => IsAck && RedirectedTo is null && (StatusCode is HttpStatusCode.OK or HttpStatusCode.Created);

    /// <summary>Shows what the server sent without control characters, which a terminal would obey.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        PrintMembers(text);
        return string.Concat(text.ToString().Select(c => char.IsControl(c) ? '?' : c));
    }
}
