using System.Net;

namespace BitsClient.Protocol;

/// <summary>An answer as a value. What could not be understood is kept as text: whether it is an error depends on what was asked.</summary>
internal sealed record BitsAck
{
    public required HttpStatusCode StatusCode { get; init; }

    /// <summary>Whether it calls itself an Ack. A login page answers 200 as well.</summary>
    public bool IsAck { get; init; }

    public string? SessionId { get; init; }

    /// <summary>The protocol chosen; many servers leave it out.</summary>
    public string? Protocol { get; init; }

    /// <summary>The host that the rest of the session is to go to, as it came; null when none is named.</summary>
    public string? HostId { get; init; }

    /// <summary>How long that host may be out of reach; null when that is not told in whole seconds, and then for ever.</summary>
    public TimeSpan? HostIdFallback { get; init; }

    /// <summary>The next offset the server wants; null when the header is missing or no number.</summary>
    public long? ReceivedOffset { get; init; }

    /// <summary>The header as it came; null when it is missing.</summary>
    public string? ReceivedOffsetText { get; init; }

    /// <summary>Where the reply is, as it came; null when that is not told.</summary>
    public string? ReplyUrl { get; init; }

    public uint? ErrorCode { get; init; }

    public uint? ErrorContext { get; init; }

    /// <summary>How long the server asks to be left alone; a date it gave is counted from its arrival.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The ways of authentication it offers, as in "Negotiate, Basic"; null when it asks for none.</summary>
    public string? Challenges { get; init; }

    /// <summary>Where it wants to send us instead.</summary>
    public string? Location { get; init; }

    /// <summary>Where the answer came from instead of the target, because the handler followed a redirect; null if it did not.</summary>
    public Uri? RedirectedTo { get; init; }

    /// <summary>Whether it brings a reply, or the rest of one. The answer to a GET is no ack.</summary>
    public bool IsReply => RedirectedTo is null && (StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent);

    /// <summary>200 or 201 <b>and</b> an Ack (MC-BUP 3.1.5).</summary>
    public bool IsSuccess => IsAck && RedirectedTo is null && (StatusCode is HttpStatusCode.OK or HttpStatusCode.Created);
}
