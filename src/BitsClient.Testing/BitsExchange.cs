using System.Globalization;

namespace BitsClient.Testing;

/// <summary>A request and its answer: a snapshot taken when <see cref="BitsTestServer.Dialogue"/> is read. Immutable.</summary>
public sealed record BitsExchange
{
    /// <summary>The position in the order of arrival, starting at 1.</summary>
    public required int Sequence { get; init; }

    /// <summary>The host that received the request: <c>in-memory</c>, or the root URL of the <see cref="BitsTestHost"/>.</summary>
    public required string Host { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The absolute request URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>The value of <c>BITS-Packet-Type</c>, or null if the request has no such header.</summary>
    public required string? PacketType { get; init; }

    /// <summary>
    /// The request headers. In memory, they are the headers of the message followed by those of its content, each in the order they
    /// were added, plus the <c>Content-Length: 0</c> that a socket handler sends if there is no content. With Kestrel, they are in
    /// Kestrel's order, known names first.
    /// </summary>
    public required IReadOnlyList<BitsHeader> RequestHeaders { get; init; }

    /// <summary>The number of body bytes that the server has read.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>The HTTP status of the answer, or null if there is no answer (yet).</summary>
    public required int? Status { get; init; }

    /// <summary>The headers of the answer; empty if there is no answer (yet).</summary>
    public required IReadOnlyList<BitsHeader> AnswerHeaders { get; init; }

    /// <summary>Whether the client aborted the request before the answer was delivered. If so, <see cref="Status"/> is null.</summary>
    public required bool Aborted { get; init; }

    /// <summary>Whether a <see cref="BitsFault"/> closed the connection. If so, <see cref="Status"/> is null.</summary>
    public required bool Dropped { get; init; }

    /// <summary>Returns the value of the first request header with this name, or null if there is none.</summary>
    /// <param name="name">The header name; case does not matter.</param>
    public string? RequestHeader(string name) => Find(RequestHeaders, name);

    /// <summary>Returns the value of the first answer header with this name, or null if there is none.</summary>
    /// <param name="name">The header name; case does not matter.</param>
    public string? AnswerHeader(string name) => Find(AnswerHeaders, name);

    /// <summary>Returns one line with sequence, method, path, packet type and status.</summary>
    public override string ToString()
    {
        string outcome = this switch
        {
            { Status: { } status } => status.ToString(CultureInfo.InvariantCulture),
            { Aborted: true } => "aborted",
            { Dropped: true } => "dropped",
            _ => "outstanding",
        };
        return FormattableString.Invariant($"#{Sequence} {Method} {Url.AbsolutePath} {PacketType ?? "-"} -> {outcome}");
    }

    internal static string? Find(IReadOnlyList<BitsHeader> headers, string name)
    {
        foreach (BitsHeader header in headers)
        {
            if (string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value;
            }
        }

        return null;
    }
}
