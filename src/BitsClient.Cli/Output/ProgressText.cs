using System.Globalization;
using System.Net;

namespace BitsClient.Cli.Output;

/// <summary>Formats a progress report as text.</summary>
internal static class ProgressText
{
    /// <summary>How long an upload makes no progress until it is shown what it waits for.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestShown = TimeSpan.FromHours(100);

    public static string Of(BitsUploadProgress progress) => progress.Status switch
    {
        BitsUploadStatus.DownloadingReply => $"reply: {Share(progress.ReplyBytes, progress.ReplyTotal)}",
        BitsUploadStatus.TransientError => Percent(progress.Fraction) + Retry(progress),
        _ => Part(progress) + Rate(progress) + EstimatedTimeRemaining(progress),
    };

    /// <summary>
    /// Formats what an upload waits for that has made no progress for some time; null if that time is short, or nothing is awaited.
    /// </summary>
    public static string? OfSilence(BitsUploadProgress progress, TimeSpan silence) =>
        silence >= Silence && Awaited(progress.Status) is { } packet
            ? $"{Percent(progress.Fraction)}, no answer to {packet} for {Clock(silence)}"
            : null;

    // Null if no answer is awaited.
    private static string? Awaited(BitsUploadStatus status) => status switch
    {
        BitsUploadStatus.Connecting => "Create-Session",
        BitsUploadStatus.Transferring => "a fragment",
        BitsUploadStatus.Transferred => "Close-Session",
        BitsUploadStatus.DownloadingReply => "the request for the reply",
        _ => null,
    };

    // The percentage is that of the fraction: all bytes may be in flight, and none acknowledged.
    private static string Part(BitsUploadProgress progress) =>
        $"{Percent(progress.Fraction)} {Size(Math.Round(progress.Fraction * progress.BytesTotal))} of {Size(progress.BytesTotal)}";

    private static string Retry(BitsUploadProgress progress)
    {
        string reason = progress.Failure is { } failure ? $": {Reason(failure)}" : "";
        string delay = progress.RetryDelay is { Ticks: > 0 } wait ? $" in {Clock(wait)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $", retrying{delay} (attempt {progress.Attempt}){reason}");
    }

    // Short, because there is little space beside a bar.
    private static string Reason(BitsUploadException failure) => failure switch
    {
        BitsServerException { StatusCode: { } status } => Status(status),
        { InnerException: OperationCanceledException } => "no answer",
        _ => OneLine.Of(failure.GetBaseException().Message).TrimEnd('.'),
    };

    private static string Status(HttpStatusCode status)
    {
        using HttpResponseMessage response = new(status);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)status} {response.ReasonPhrase}").TrimEnd();
    }

    /// <summary>Formats a part of a total, for example " 25% 1.0 KiB of 4.0 KiB".</summary>
    public static string Share(long bytes, long? total) =>
        total is { } all ? $"{Percent(all == 0 ? 1 : (double)bytes / all)} {Size(bytes)} of {Size(all)}" : Size(bytes);

    // Rounded down, so that 100% is shown only at the end. A quotient may be a little less than the number that it stands for.
    private static string Percent(double fraction)
    {
        double percent = fraction < 1 ? Math.Min(99, Math.Floor((100 * fraction) + 1e-9)) : 100;
        return string.Create(CultureInfo.InvariantCulture, $"{percent,3:0}%");
    }

    private static string Rate(BitsUploadProgress progress) => progress.BytesPerSecond > 0 ? $", {Size(progress.BytesPerSecond)}/s" : "";

    // Not shown from LongestShown on: while the connection stalls, the estimate grows without limit.
    private static string EstimatedTimeRemaining(BitsUploadProgress progress) =>
        progress is { Status: BitsUploadStatus.Transferring, EstimatedTimeRemaining: { Ticks: > 0 } left } && left < LongestShown
            ? $", {Clock(left)} left"
            : "";

    // 0:05, 12:30, 1:02:03. Rounded up, so that the last second is not shown as 0:00.
    private static string Clock(TimeSpan time)
    {
        TimeSpan seconds = TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
        return seconds.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds.Minutes}:{seconds.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds.TotalHours}:{seconds.Minutes:00}:{seconds.Seconds:00}");
    }

    private static string Size(double bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.0} KiB"),
        < 1024 * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024 * 1024):0.0} GiB"),
    };
}
