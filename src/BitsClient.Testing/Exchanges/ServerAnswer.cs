using System.Globalization;

namespace BitsClient.Testing.Exchanges;

/// <summary>An answer, independent of the host that sends it.</summary>
internal sealed record ServerAnswer(int Status, IReadOnlyList<BitsHeader> Headers)
{
    private const string ServerContext = "0x5";

    private static readonly BitsHeader Empty = new(HeaderNames.ContentLength, "0");

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The actions to run while the body is sent.</summary>
    public IReadOnlyList<BodyStop> Stops { get; init; } = [];

    /// <summary>Whether the answer has a body that never ends.</summary>
    public bool Endless { get; init; }

    /// <summary>Whether this is a successful ack. A sign-in page with status 200 is not.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299 && Header(HeaderNames.PacketType) is not null;

    /// <summary>A successful ack.</summary>
    public static ServerAnswer Ack(params ReadOnlySpan<BitsHeader> headers) => new(200, WithAck(headers));

    /// <summary>An error from the BITS server.</summary>
    public static ServerAnswer Error(int status, int code, params ReadOnlySpan<BitsHeader> headers) =>
        new(
            status,
            WithAck(
            [
                .. headers,
                new BitsHeader(HeaderNames.ErrorCode, string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}")),
                new BitsHeader(HeaderNames.ErrorContext, ServerContext),
            ]));

    /// <summary>An answer from the web server, without BITS headers.</summary>
    public static ServerAnswer WithoutAck(int status, params ReadOnlySpan<BitsHeader> headers) => new(status, [.. headers, Empty]);

    public string? Header(string name) => BitsExchange.Find(Headers, name);

    /// <summary>Returns the answer with a header set to a value, or removed if the value is null.</summary>
    public ServerAnswer With(string name, string? value)
    {
        IEnumerable<BitsHeader> others = Headers.Where(header => !header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return this with { Headers = value is null ? [.. others] : [.. others, new BitsHeader(name, value)] };
    }

    private static BitsHeader[] WithAck(ReadOnlySpan<BitsHeader> headers) =>
        [new BitsHeader(HeaderNames.PacketType, HeaderNames.Ack), .. headers, Empty];
}
