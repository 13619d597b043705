using System.Net;

namespace BitsClient.Machine;

/// <summary>
/// How large fragments are, and what was learned about the host that they go to. Immutable; <see cref="FragmentSizer"/> creates new ones.
/// </summary>
internal sealed record FragmentSizing
{
    /// <summary>The first value of <see cref="AcksBeforeLimitIsTried"/>.</summary>
    public const int AcksBeforeFirstTry = 256;

    /// <summary>Nothing is known yet, nor any size chosen.</summary>
    public static FragmentSizing Unknown { get; } = new();

    /// <summary>The most bytes that the next fragment carries.</summary>
    public int Size { get; init; }

    /// <summary>The size follows from what happened to fragments, and is not the one that uploads begin with.</summary>
    public bool IsSizeKnown { get; init; }

    /// <summary>How long fragments take.</summary>
    public FragmentTiming Timing { get; init; } = new();

    /// <summary>The size above which fragments were refused; null if none was refused.</summary>
    public int? Limit { get; init; }

    /// <summary>The largest fragment that was refused because of its size, in bytes; 0 if none was.</summary>
    public long LargestRefused { get; init; }

    /// <summary>How many fragments of the size of <see cref="Limit"/> were accepted since it was found.</summary>
    public int AcksAtLimit { get; init; }

    /// <summary>
    /// After this many fragments of the size of <see cref="Limit"/>, one of twice the size is tried, because the cause of the limit may be
    /// gone. It doubles each time.
    /// </summary>
    public int AcksBeforeLimitIsTried { get; init; } = AcksBeforeFirstTry;

    /// <summary>The largest fragment that was accepted, in bytes.</summary>
    public long LargestAccepted { get; init; }

    /// <summary>
    /// The largest fragment that the host accepted from any upload, in bytes, as far as nothing since speaks against it. Such a fragment is
    /// sent without asking first.
    /// </summary>
    public long AcceptedByHost { get; init; }

    /// <summary>The largest fragment that was accepted from this upload or another, in bytes; 0 if it is not known.</summary>
    public long Accepted => Math.Max(LargestAccepted, AcceptedByHost);

    /// <summary>Whether the host is asked if a fragment is too large.</summary>
    public Questions Questions { get; init; }

    /// <summary>
    /// The status with which the last fragment was refused before its body was sent, as long as none was accepted since; null for none.
    /// </summary>
    public HttpStatusCode? RefusedWith { get; init; }

    /// <summary>How many fragments larger than <see cref="LargestAccepted"/> were answered with an error of a proxy or a server.</summary>
    public int ErrorsAbove { get; init; }

    /// <summary>How fast the last fragment was sent and acknowledged; null if that was not measured.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>
    /// Whether the server keeps the offset of a session, so that bytes that are sent again are not stored twice; null if it is not known.
    /// </summary>
    public bool? KeepsOffsets { get; init; }

    /// <summary>What was learned about one host says nothing about another.</summary>
    public FragmentSizing ForUnknownHost() => new() { Size = Size };
}
