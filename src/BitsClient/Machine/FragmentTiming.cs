namespace BitsClient.Machine;

/// <summary>
/// How long fragments take: a fixed time, such as a round trip or a scan by the server, and a time for each byte. Only the latter is a
/// reason to send smaller ones. Immutable.
/// </summary>
internal sealed record FragmentTiming
{
    /// <summary>Two lengths have to differ by this factor for their times to tell the two parts apart.</summary>
    private const double MinRatio = 1.25;

    /// <summary>The most that a size grows at once if nothing tells how much of the time its bytes took.</summary>
    private const double MaxGrowthOfOneLength = 2;

    /// <summary>By chance, two requests may differ by as much: a part of their time, and at least a millisecond.</summary>
    private const double Noise = 0.01;
    private const double MinNoise = 0.001;

    /// <summary>The length of the last fragment that was measured; 0 before there was one.</summary>
    private long Length { get; init; }

    public bool IsMeasured => Length > 0;

    /// <summary>How long it took, until its ack, in seconds.</summary>
    private double Seconds { get; init; }

    /// <summary>How long a packet without bytes took, before any fragment, in seconds; null if none was measured.</summary>
    private double? AnswerSeconds { get; init; }

    /// <summary>The time that a fragment takes apart from its bytes, in seconds; null before two lengths were measured.</summary>
    public double? FixedSeconds { get; private init; }

    /// <summary>The time for each byte. While only one length was measured, it may be longer or shorter.</summary>
    public double SecondsPerByte { get; private init; }

    /// <summary>The least time for each byte, during which the connection took it.</summary>
    private double WritingPerByte { get; init; }

    /// <summary>
    /// A packet without bytes was acknowledged. The server may have taken longer for it than for a fragment, so it counts only until two
    /// fragments were measured.
    /// </summary>
    public FragmentTiming WithAnswer(TimeSpan took) => this with { AnswerSeconds = took.TotalSeconds };

    /// <summary>A fragment of this length was acknowledged.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="took">The time until its ack.</param>
    /// <param name="writing">
    /// The part of it in which the connection took its bytes. Less than the bytes need, as buffers take them sooner.
    /// </param>
    public FragmentTiming With(long length, TimeSpan took, TimeSpan writing)
    {
        double seconds = took.TotalSeconds;
        double most = seconds / length;
        double least = Math.Min(writing.TotalSeconds, seconds) / length;
        (double? perByte, bool isFixedKnown) = IsOther(length)
            ? (PerByte(seconds - Seconds, length - Length, Math.Max(seconds, Seconds)), true)
            : (PerByte(seconds - (FixedSeconds ?? AnswerSeconds), length, seconds), FixedSeconds is not null);
        double known = Math.Min(Math.Max(perByte ?? least, least), most);
        return new FragmentTiming
        {
            Length = length,
            Seconds = seconds,
            AnswerSeconds = AnswerSeconds,
            SecondsPerByte = known,
            WritingPerByte = least,
            FixedSeconds = isFixedKnown && perByte is not null ? seconds - (known * length) : null,
        };
    }

    /// <summary>The length whose bytes take this long.</summary>
    public double LengthFor(TimeSpan target)
    {
        // If nothing of the time is fixed. It is certain not to take longer.
        double certain = target.TotalSeconds / Seconds * Length;
        double likely = target.TotalSeconds / SecondsPerByte;
        double possible = Math.Min(target.TotalSeconds / WritingPerByte, MaxGrowthOfOneLength * Length);
        return (FixedSeconds, AnswerSeconds) switch
        {
            (not null, _) => Math.Max(certain, likely),
            (null, not null) when SecondsPerByte > WritingPerByte => Math.Max(Math.Max(certain, likely), possible),
            _ => Math.Max(certain, possible),
        };
    }

    // Null if the times contradict each other: what should have taken longer was faster. The least difference is half of what may be
    // chance.
    private static double? PerByte(double? more, long bytes, double seconds)
    {
        double noise = Math.Max(MinNoise, Noise * seconds);
        double? difference = bytes < 0 ? -more : more;
        return difference >= -noise ? Math.Max(difference.Value, noise / 2) / Math.Abs(bytes) : null;
    }

    private bool IsOther(long length) => IsMeasured && (length >= Length * MinRatio || length <= Length / MinRatio);
}
