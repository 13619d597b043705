using System.Globalization;
using BitsClient.Protocol;

namespace BitsClient.Errors;

/// <summary>Values as messages show them.</summary>
internal static class MessageText
{
    private const int MaxServerTextLength = 100;

    /// <summary>How every message about a packet begins: packet, URL, session.</summary>
    public static string OfPacket(BitsPacket packet, Uri url, string detail)
    {
        string session = packet.SessionIdOrNull is { } id ? $" (session {OfServerText(id)})" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{BitsPacketWriter.NameOf(packet.Type)} to {BitsUrl.Shown(url)}{session}: {detail}");
    }

    /// <summary>Text that a server sent: it may be long, or contain control characters for the terminal that shows it.</summary>
    public static string OfServerText(string text, int maxLength = MaxServerTextLength)
    {
        string line = text.ReplaceLineEndings(" ");
        string shown = Printable(line.Length <= maxLength ? line : line[..maxLength]);
        return line.Length <= maxLength ? shown : shown + "…";
    }

    /// <summary>An exception with its causes and stack traces, whose line breaks are kept.</summary>
    public static string OfLines(string text) => string.Join(Environment.NewLine, text.Split(Environment.NewLine).Select(Printable));

    /// <summary>A URL that a server sent, without user info and query.</summary>
    public static string OfServerUrl(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? absolute)
        && (absolute.Scheme == Uri.UriSchemeHttp || absolute.Scheme == Uri.UriSchemeHttps)
            ? BitsUrl.Shown(absolute)
            : (url ?? "nowhere").Split('?')[0].Split('@')[^1];

    /// <summary>"10 seconds", "15 minutes", "2 days": in the largest unit of which there are at least two, or "1 second".</summary>
    public static string Of(TimeSpan time)
    {
        (double count, string unit) = time switch
        {
            { TotalDays: >= 2 } => (time.TotalDays, "day"),
            { TotalHours: >= 2 } => (time.TotalHours, "hour"),
            { TotalMinutes: >= 2 } => (time.TotalMinutes, "minute"),
            { TotalSeconds: >= 1 } => (time.TotalSeconds, "second"),
            _ => (time.TotalMilliseconds, "millisecond"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count:0.#} {unit}{(count == 1 ? "" : "s")}");
    }

    /// <summary>A failure without what its message may contain: a session id, a path.</summary>
    public static string Of(Exception failure) => failure switch
    {
        BitsServerException refused => OfRefusal(refused),
        BitsUploadException { IsTransient: true, InnerException: OperationCanceledException } => "there was no answer in time",
        BitsUploadException { IsTransient: true, InnerException: HttpRequestException broken } =>
            $"there was no answer ({broken.HttpRequestError})",
        { InnerException: { } cause and not BitsUploadException } => $"{failure.GetType().Name} ({cause.GetType().Name})",
        _ => failure.GetType().Name,
    };

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static string OfRefusal(BitsServerException refused)
    {
        string code = refused.ErrorCode is { } value ? string.Create(CultureInfo.InvariantCulture, $" with 0x{value:X8}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)refused.StatusCode}{code}");
    }
}
