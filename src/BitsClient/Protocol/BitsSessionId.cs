namespace BitsClient.Protocol;

/// <summary>The id of a session: opaque, and sent back exactly as the server gave it.</summary>
internal static class BitsSessionId
{
    /// <summary>
    /// Whether the id can be sent back in a header: printable ASCII characters, as many as a header value may have (MC-BUP 2.2.1).
    /// </summary>
    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= BitsHeaderNames.MaxValueLength } && id.All(c => c is >= ' ' and <= '~');
}
