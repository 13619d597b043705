namespace BitsClient.Queue.Worker;

/// <summary>Keeps the newest report. Thread-safe.</summary>
internal sealed class LatestProgress : IProgress<BitsUploadProgress>
{
    private volatile Box? _latest;

    public BitsUploadProgress? Latest => _latest?.Value;

    public void Report(BitsUploadProgress value) => _latest = new Box(value);

    private sealed record Box(BitsUploadProgress Value);
}
