using System.Globalization;

namespace BitsClient.Cli.Output;

/// <summary>The sum of several uploads: their progress while they run, and their number by how they ended. Thread-safe.</summary>
internal sealed class BatchTotal(int uploads, long bytes, TimeProvider time)
{
    private readonly Dictionary<object, BitsUploadProgress> _running = [];
    private readonly long _begunAt = time.GetTimestamp();
    private int _completed;
    private int _failed;
    private int _canceled;
    private long _completedBytes;
    private long _endedBytes;

    /// <summary>Whether all uploads were completed.</summary>
    public bool IsCompleted => _completed == uploads;

    /// <summary>How many uploads have ended.</summary>
    public int Ended
    {
        get
        {
            lock (_running)
            {
                return _completed + _failed + _canceled;
            }
        }
    }

    /// <summary>The number of uploads.</summary>
    public int Uploads => uploads;

    /// <summary>Takes the progress of an upload that is running.</summary>
    public void Report(object upload, BitsUploadProgress progress)
    {
        lock (_running)
        {
            _running[upload] = progress;
        }
    }

    /// <summary>Takes the end of an upload: its bytes are done, even if it failed.</summary>
    public void End(object upload, long length)
    {
        lock (_running)
        {
            _running.Remove(upload);
            _endedBytes += length;
        }
    }

    /// <summary>Counts an upload that has ended.</summary>
    public void Count(UploadEnd end)
    {
        lock (_running)
        {
            _completedBytes += end.Bytes;
            _completed += end.Failure is null ? 1 : 0;
            _canceled += IsCancellation(end.Failure) ? 1 : 0;
            _failed += end.Failure is null || IsCancellation(end.Failure) ? 0 : 1;
        }
    }

    /// <summary>The progress of all, as that of one upload.</summary>
    public BitsUploadProgress Progress()
    {
        lock (_running)
        {
            long done = _endedBytes + _running.Values.Sum(progress => (long)(progress.Fraction * progress.BytesTotal));
            return new BitsUploadProgress
            {
                Status = BitsUploadStatus.Transferring,
                BytesAcknowledged = Math.Min(done, bytes),
                BytesTotal = bytes,
                BytesPerSecond = _running.Values.Sum(progress => progress.BytesPerSecond),
                BytesSent = done,
                BytesResent = 0,
                Session = 1,
                Attempt = 1,
                FragmentSize = 0,
            };
        }
    }

    /// <summary>How the uploads ended, as one line.</summary>
    public string Summary()
    {
        string failed = _failed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {_failed} failed") : "";
        string canceled = _canceled > 0 ? string.Create(CultureInfo.InvariantCulture, $", {_canceled} canceled") : "";
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_begunAt).TotalSeconds:0.0} s");
        string files = string.Create(CultureInfo.InvariantCulture, $"{_completed} of {UploadSummary.Count(uploads, "file")}");
        return $"Uploaded {files}, {UploadSummary.Count(_completedBytes, "byte")}, in {seconds}{failed}{canceled}";
    }

    private static bool IsCancellation(Exception? failure) =>
        failure is OperationCanceledException or KeptUploadException { InnerException: OperationCanceledException };
}
