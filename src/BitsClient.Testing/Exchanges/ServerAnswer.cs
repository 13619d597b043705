using System.Globalization;

namespace BitsClient.Testing.Exchanges;

/// <summary>An answer before a host has put it on the wire.</summary>
internal sealed record ServerAnswer(int Status, IReadOnlyList<BitsHeader> Headers)
{
    private const string ServerContext = "0x5";

    private static readonly BitsHeader Empty = new(HeaderNames.ContentLength, "0");

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>What happens while the body is sent.</summary>
    public IReadOnlyList<BodyStop> Stops { get; init; } = [];

    /// <summary>Whether a body follows that never ends.</summary>
    public bool Endless { get; init; }

    /// <summary>Whether it says yes: a login page with status 200 does not.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299 && Header(HeaderNames.PacketType) is not null;

    /// <summary>A success, with the headers of the captured acks.</summary>
    public static ServerAnswer Ack(params ReadOnlySpan<BitsHeader> headers) => new(200, WithAck(headers));

    /// <summary>An error of the BITS server.</summary>
    public static ServerAnswer Error(int status, int code, params ReadOnlySpan<BitsHeader> headers) =>
        new(
            status,
            WithAck(
            [
                .. headers,
                new BitsHeader(HeaderNames.ErrorCode, string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}")),
                new BitsHeader(HeaderNames.ErrorContext, ServerContext),
            ]));

    /// <summary>An answer of the web server, which knows nothing of BITS.</summary>
    public static ServerAnswer WithoutAck(int status, params ReadOnlySpan<BitsHeader> headers) => new(status, [.. headers, Empty]);

    public string? Header(string name) => BitsExchange.Find(Headers, name);

    /// <summary>The answer with another value of a header; null leaves it out.</summary>
    public ServerAnswer With(string name, string? value)
    {
        IEnumerable<BitsHeader> others = Headers.Where(header => !header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return this with { Headers = value is null ? [.. others] : [.. others, new BitsHeader(name, value)] };
    }

    private static BitsHeader[] WithAck(ReadOnlySpan<BitsHeader> headers) =>
        [new BitsHeader(HeaderNames.PacketType, HeaderNames.Ack), .. headers, Empty];
}
