namespace BitsClient.Machine;

/// <summary>
/// What uploads have learned about one host: the size of fragments that suits the connection to it, those that are too large for it,
/// whether it can be asked, and whether it keeps the offset of a session. Immutable.
/// </summary>
internal readonly record struct KnownHost
{
    /// <summary>The size of the next fragment; null if none was measured.</summary>
    private int? Size { get; init; }

    /// <summary>The largest fragment that was accepted.</summary>
    private long Accepted { get; init; }

    private Questions Questions { get; init; }

    /// <summary>The size above which fragments were refused; null if none was.</summary>
    private int? Limit { get; init; }

    private int AcksAtLimit { get; init; }

    private int AcksBeforeLimitIsTried { get; init; }

    private bool? KeepsOffsets { get; init; }

    /// <summary>Adds what is known, unless the upload has learned more itself.</summary>
    public FragmentSizing ApplyTo(FragmentSizing sizing)
    {
        if (!sizing.IsSizeKnown && Size is { } size)
        {
            sizing = sizing with
            {
                Size = size,
                IsSizeKnown = true,
                AcceptedByHost = Math.Max(Accepted, sizing.AcceptedByHost),
                Questions = Questions.Latest(sizing.Questions, Questions),
            };
        }

        if (sizing.Limit is null && Limit is { } limit)
        {
            sizing = sizing with
            {
                Limit = limit,
                AcksAtLimit = AcksAtLimit,
                AcksBeforeLimitIsTried = AcksBeforeLimitIsTried,
                Size = Math.Min(sizing.Size, limit),
            };
        }

        return sizing.KeepsOffsets is null && KeepsOffsets is { } keepsOffsets ? sizing with { KeepsOffsets = keepsOffsets } : sizing;
    }

    /// <summary>
    /// Adds what an upload has learned. A limit counts once a fragment of that size got through: until then, fragments may have failed for
    /// any other reason. Another upload may have learned more since this one began.
    /// </summary>
    public KnownHost With(FragmentSizing sizing)
    {
        KnownHost learned = this with
        {
            Size = sizing.Timing.IsMeasured ? sizing.Size : Size,
            Accepted = sizing.Limit is null ? Math.Max(Accepted, sizing.Accepted) : sizing.Accepted,
            Questions = Questions.Latest(Questions, sizing.Questions with { IsCounted = false }),
        };
        KnownHost limited = sizing is not { Limit: { } limit, AcksAtLimit: > 0 } ? learned : learned with
        {
            Limit = limit,
            AcksAtLimit = sizing.AcksAtLimit,
            AcksBeforeLimitIsTried = sizing.AcksBeforeLimitIsTried,
        };

        // One server of several behind the same origin that appends is enough.
        return limited with { KeepsOffsets = KeepsOffsets is false ? false : sizing.KeepsOffsets ?? KeepsOffsets };
    }
}
