namespace BitsClient.Machine;

/// <summary>
/// How long fragments take: a fixed time, such as a round trip or a scan by the server, and a time for each byte. Only the latter is a
/// reason to send smaller ones. Immutable.
/// </summary>
internal sealed record FragmentTiming
{
    /// <summary>Two lengths have to differ by this factor for their times to tell the two parts apart.</summary>
    private const double MinRatio = 1.25;

    /// <summary>The most that a size grows at once beyond what is certain not to take too long.</summary>
    private const double MaxGrowth = 16;

    private const double MaxGrowthOfOneLength = 2;

    /// <summary>The length of the last fragment that was measured; 0 before there was one.</summary>
    private long Length { get; init; }

    public bool IsMeasured => Length > 0;

    /// <summary>How long it took, until its ack, in seconds.</summary>
    private double Seconds { get; init; }

    /// <summary>The time that a fragment takes apart from its bytes, in seconds; null before two lengths were measured.</summary>
    public double? FixedSeconds { get; private init; }

    /// <summary>The time for each byte. While only one length was measured, it may be longer.</summary>
    public double SecondsPerByte { get; private init; }

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
        double? perByte = IsOther(length) ? (seconds - Seconds) / (length - Length) : (seconds - FixedSeconds) / length;
        double known = Math.Clamp(perByte ?? least, least, most);
        return new FragmentTiming
        {
            Length = length,
            Seconds = seconds,
            SecondsPerByte = known,
            FixedSeconds = perByte is null ? null : seconds - (known * length),
        };
    }

    /// <summary>The length whose bytes take this long.</summary>
    public double LengthFor(TimeSpan target)
    {
        // If nothing of the time is fixed. It is certain not to take longer.
        double certain = target.TotalSeconds / Seconds * Length;
        double growth = FixedSeconds is null ? MaxGrowthOfOneLength : MaxGrowth;
        return Math.Max(certain, Math.Min(target.TotalSeconds / SecondsPerByte, growth * Length));
    }

    private bool IsOther(long length) => IsMeasured && (length >= Length * MinRatio || length <= Length / MinRatio);
}
