namespace BitsClient.Cli.Output;

/// <summary>Adds a line every ten seconds without progress, which says what the upload waits for.</summary>
internal sealed class SilenceLines : IProgressView
{
    private readonly ProgressLines _lines;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private (BitsUploadProgress Progress, long At)? _last;

    /// <summary>Creates the lines.</summary>
    /// <param name="lines">The lines of the progress.</param>
    /// <param name="time">The clock.</param>
    public SilenceLines(ProgressLines lines, TimeProvider time)
    {
        (_lines, _time) = (lines, time);
        _timer = time.CreateTimer(_ => Write(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Report(BitsUploadProgress value)
    {
        lock (_lock)
        {
            _lines.Report(value);
            _last = (value, _time.GetTimestamp());
            _timer.Change(ProgressText.Silence, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Write()
    {
        lock (_lock)
        {
            if (_last is { } last && ProgressText.OfSilence(last.Progress, _time.GetElapsedTime(last.At)) is { } text)
            {
                _lines.Write(text);
                _timer.Change(ProgressText.Silence, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
