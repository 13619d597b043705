using System.Globalization;

namespace BitsClient.Testing;

/// <summary>One request and what became of it, as they stood when <see cref="BitsTestServer.Dialogue"/> was read. Immutable.</summary>
public sealed record BitsExchange
{
    /// <summary>The place in the order of arrival, counted from 1.</summary>
    public required int Sequence { get; init; }

    /// <summary>Where the request came in: <c>in-memory</c>, or the root URL of the <see cref="BitsTestHost"/>.</summary>
    public required string Host { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The absolute URL that was asked for.</summary>
    public required Uri Url { get; init; }

    /// <summary>The value of <c>BITS-Packet-Type</c>, or null when there was none.</summary>
    public required string? PacketType { get; init; }

    /// <summary>
    /// The request's headers. In memory: the request's, then its content's, each in the order they were added, with the
    /// <c>Content-Length: 0</c> that a socket would carry when there is no content. On Kestrel: in Kestrel's order, known names first.
    /// </summary>
    public required IReadOnlyList<BitsHeader> RequestHeaders { get; init; }

    /// <summary>The number of body bytes that the server has read.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>The status of the answer, or null while there is none.</summary>
    public required int? Status { get; init; }

    /// <summary>The headers of the answer; empty while there is none.</summary>
    public required IReadOnlyList<BitsHeader> AnswerHeaders { get; init; }

    /// <summary>Whether the client gave up before the answer was delivered. Such an exchange has no <see cref="Status"/>.</summary>
    public required bool Aborted { get; init; }

    /// <summary>Whether the server broke the connection, as a <see cref="BitsFault"/> wanted it. Such an exchange has no <see cref="Status"/>.</summary>
    public required bool Dropped { get; init; }

    /// <summary>The first request header of that name in any case, or null.</summary>
    /// <param name="name">The header's name.</param>
    public string? RequestHeader(string name) => Find(RequestHeaders, name);

    /// <summary>The first answer header of that name in any case, or null.</summary>
    /// <param name="name">The header's name.</param>
    public string? AnswerHeader(string name) => Find(AnswerHeaders, name);

    /// <summary>One line: sequence, method, path, packet type and status.</summary>
    public override string ToString()
    {
        string end = Status is { } status ? status.ToString(CultureInfo.InvariantCulture)
            : Aborted ? "aborted"
            : Dropped ? "dropped"
            : "outstanding";
        return FormattableString.Invariant($"#{Sequence} {Method} {Url.AbsolutePath} {PacketType ?? "-"} -> {end}");
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
