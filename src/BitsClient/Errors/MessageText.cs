using System.Globalization;

namespace BitsClient.Errors;

/// <summary>Values as messages show them.</summary>
internal static class MessageText
{
    /// <summary>"10 seconds", "15 minutes", "2 days": in the biggest unit of which there are at least two, or "1 second".</summary>
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

    /// <summary>A failure without what its message may hold: a session id, a path.</summary>
    public static string Of(Exception failure) => failure switch
    {
        BitsServerException refused =>
            string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)refused.StatusCode}{(refused.ErrorCode is { } code ? $" with 0x{code:X8}" : "")}"),
        BitsUploadException { IsTransient: true, InnerException: OperationCanceledException } => "there was no answer in time",
        BitsUploadException { IsTransient: true, InnerException: HttpRequestException broken } => $"there was no answer ({broken.HttpRequestError})",
        { InnerException: { } cause and not BitsUploadException } => $"{failure.GetType().Name} ({cause.GetType().Name})",
        _ => failure.GetType().Name,
    };
}
