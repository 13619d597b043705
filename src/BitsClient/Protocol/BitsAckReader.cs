using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace BitsClient.Protocol;

/// <summary>Reads an answer into a <see cref="BitsAck"/>. Does not throw: a malformed header is kept as text.</summary>
internal static class BitsAckReader
{
    /// <param name="response">The answer; its body is not read.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="isUntrusted">Whether its origin is not trusted.</param>
    public static BitsAck Read(HttpResponseMessage response, DateTimeOffset now, bool isUntrusted = false)
    {
        HttpHeadersNonValidated headers = response.Headers.NonValidated;
        string? offset = Value(headers, BitsHeaderNames.ReceivedContentRange)
            ?? Value(headers, BitsHeaderNames.MisspelledReceivedContentRange);
        return new BitsAck
        {
            StatusCode = response.StatusCode,
            IsAck = string.Equals(Value(headers, BitsHeaderNames.PacketType), BitsHeaderNames.Ack, StringComparison.OrdinalIgnoreCase),
            SessionId = SingleValue(headers, BitsHeaderNames.SessionId),
            Protocol = Value(headers, BitsHeaderNames.Protocol),
            HostId = Value(headers, BitsHeaderNames.HostId),
            HostIdFallback = ReadSeconds(Value(headers, BitsHeaderNames.HostIdFallbackTimeout)),
            ReceivedOffset = ReadOffset(offset),
            ReceivedOffsetText = offset,
            ReplyUrl = Value(headers, BitsHeaderNames.ReplyUrl),
            ErrorCode = ReadHex(Value(headers, BitsHeaderNames.ErrorCode)) ?? ReadHex(Value(headers, BitsHeaderNames.Error)),
            ErrorContext = ReadHex(Value(headers, BitsHeaderNames.ErrorContext)),
            RetryAfter = ReadDelay(response.Headers, now),
            Challenges = ReadSchemes(response),
            RefusedCredentials = HadCredentials(response),
            IsUntrusted = isUntrusted,
            Location = Value(headers, BitsHeaderNames.Location),
        };
    }

    // A session id may contain any characters, so two headers, joined with a comma, would look like one id.
    private static string? SingleValue(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out HeaderStringValues values) && values.Count == 1 ? values.ToString().Trim() : null;

    // A header that was sent twice becomes "a, b", which is neither a number nor a code.
    private static string? Value(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out HeaderStringValues values) ? values.ToString().Trim() : null;

    private static long? ReadOffset(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : null;

    private static TimeSpan? ReadSeconds(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds) ? TimeSpan.FromSeconds(seconds) : null;

    // A date counts from the server's own clock, which may differ from this one.
    private static TimeSpan? ReadDelay(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.RetryAfter is not { } retryAfter)
        {
            return null;
        }

        TimeSpan? delay = retryAfter.Delta ?? (retryAfter.Date - (headers.Date ?? now));
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    private static bool HadCredentials(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => response.RequestMessage?.Headers.Authorization is not null,
        HttpStatusCode.ProxyAuthenticationRequired => response.RequestMessage?.Headers.ProxyAuthorization is not null,
        _ => false,
    };

    private static string? ReadSchemes(HttpResponseMessage response)
    {
        HttpHeadersNonValidated headers = response.Headers.NonValidated;
        if (!headers.TryGetValues("WWW-Authenticate", out _) && !headers.TryGetValues("Proxy-Authenticate", out _))
        {
            return null;
        }

        IEnumerable<AuthenticationHeaderValue> challenges =
            response.Headers.WwwAuthenticate.Concat(response.Headers.ProxyAuthenticate);
        string schemes = string.Join(", ", challenges.Select(challenge => challenge.Scheme));
        return schemes.Length > 0 ? schemes : null;
    }

    // Servers send 0x80070057, x80070057, 80070057, ff, 1, or an empty value. 0 means success, which is no error.
    private static uint? ReadHex(string? text)
    {
        ReadOnlySpan<char> digits = text;
        int x = digits.IndexOfAny('x', 'X');
        if (x is 0 || (x is 1 && digits[0] is '0'))
        {
            digits = digits[(x + 1)..];
        }

        return uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) && code != 0
            ? code
            : null;
    }
}
