namespace BitsClient.Cli.Output;

/// <summary>Progress as plain lines: none before there is a session, then at most one a second, each failure that is tried again, and the last one.</summary>
internal sealed class ProgressLines(TextWriter writer, Func<string?> trouble, TimeProvider time) : IProgress<BitsUploadProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long? _writtenAt;

    public void Report(BitsUploadProgress value)
    {
        long now = time.GetTimestamp();
        bool isDue = value.Status switch
        {
            BitsUploadStatus.Connecting => false,
            BitsUploadStatus.TransientError or BitsUploadStatus.Acknowledged => true,
            _ => _writtenAt is not { } before || time.GetElapsedTime(before, now) >= Interval,
        };
        if (isDue)
        {
            _writtenAt = now;
            writer.WriteLine(ProgressText.Of(value, trouble()));
        }
    }
}
