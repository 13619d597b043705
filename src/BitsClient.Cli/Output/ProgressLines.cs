namespace BitsClient.Cli.Output;

/// <summary>
/// Shows progress as plain lines: none before the session is created, then at most one per second. Retries, the start of the reply, and
/// the end are shown immediately.
/// </summary>
/// <param name="writer">Where to write.</param>
/// <param name="time">The clock.</param>
/// <param name="label">What each line begins with; null for nothing.</param>
/// <param name="retriesOnly">Whether only retries are shown.</param>
internal sealed class ProgressLines(TextWriter writer, TimeProvider time, Func<string>? label = null, bool retriesOnly = false)
    : IProgress<BitsUploadProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long? _writtenAt;
    private bool _isReply;

    public void Report(BitsUploadProgress value)
    {
        long now = time.GetTimestamp();
        bool isDue = value.Status switch
        {
            BitsUploadStatus.TransientError => true,
            BitsUploadStatus.Connecting => false,
            _ when retriesOnly => false,
            BitsUploadStatus.Acknowledged => true,
            BitsUploadStatus.DownloadingReply when !_isReply => true,
            _ => _writtenAt is not { } before || time.GetElapsedTime(before, now) >= Interval,
        };
        if (isDue)
        {
            _writtenAt = now;
            _isReply = value.Status is BitsUploadStatus.DownloadingReply;
            Write(ProgressText.Of(value));
        }
    }

    public void Write(string text) => writer.WriteLine(label?.Invoke() + text);
}
