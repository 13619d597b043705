using System.Collections.Concurrent;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>
/// What all uploads of a client have learned about each host: the size of fragments that suits the connection to it, those that are too
/// large for it, and whether it keeps the offset of a session. Thread-safe.
/// </summary>
internal sealed class KnownHosts
{
    private readonly ConcurrentDictionary<BitsOrigin, (int Size, long Accepted, bool MayAsk)> _sizes = new();
    private readonly ConcurrentDictionary<BitsOrigin, (int Size, int Acks)> _limits = new();
    private readonly ConcurrentDictionary<BitsOrigin, bool> _keepOffsets = new();

    /// <summary>Applies what is known about the host that packets go to, unless the upload has learned more about it itself.</summary>
    public UploadState Apply(UploadState state)
    {
        BitsOrigin origin = BitsOrigin.Of(state.Target);
        FragmentSizing sizing = state.Sizing;
        if (!sizing.IsSizeKnown && _sizes.TryGetValue(origin, out (int Size, long Accepted, bool MayAsk) known))
        {
            sizing = (known.MayAsk ? sizing : sizing.WithoutQuestions()) with
            {
                Size = known.Size,
                IsSizeKnown = true,
                AcceptedByHost = known.Accepted,
            };
        }

        if (sizing.Limit is null && _limits.TryGetValue(origin, out (int Size, int Acks) limit))
        {
            sizing = sizing with { Limit = limit.Size, AcksAtLimit = limit.Acks, Size = Math.Min(sizing.Size, limit.Size) };
        }

        if (sizing.KeepsOffsets is null && _keepOffsets.TryGetValue(origin, out bool keepsOffsets))
        {
            sizing = sizing with { KeepsOffsets = keepsOffsets };
        }

        return ReferenceEquals(sizing, state.Sizing) ? state : state with { Sizing = sizing };
    }

    /// <summary>
    /// Remembers what was measured. A limit counts once a fragment of that size got through: until then, fragments may have failed for any
    /// other reason.
    /// </summary>
    public void Learn(UploadState state)
    {
        FragmentSizing sizing = state.Sizing;
        BitsOrigin origin = BitsOrigin.Of(state.Target);
        if (sizing.Timing.IsMeasured)
        {
            LearnSize(origin, sizing);
        }

        if (sizing is { Limit: { } limit, AcksAtLimit: > 0 })
        {
            _limits[origin] = (limit, sizing.AcksAtLimit);
        }

        if (sizing.KeepsOffsets is { } keepsOffsets)
        {
            _keepOffsets[origin] = keepsOffsets;
        }
    }

    // Most packets teach nothing new, and then nothing is allocated.
    private void LearnSize(BitsOrigin origin, FragmentSizing sizing)
    {
        if (!_sizes.TryGetValue(origin, out (int Size, long Accepted, bool MayAsk) known) || Merged(known, sizing) != known)
        {
            Update(origin, sizing);
        }
    }

    // A method of its own, because its closure is allocated at the beginning.
    private void Update(BitsOrigin origin, FragmentSizing sizing) =>
        _sizes.AddOrUpdate(origin, (sizing.Size, Accepted(sizing), sizing.MayAsk), (_, latest) => Merged(latest, sizing));

    // Another upload may have learned more since this one began.
    private static (int Size, long Accepted, bool MayAsk) Merged((int Size, long Accepted, bool MayAsk) known, FragmentSizing sizing) => (
        sizing.Size,
        sizing.Limit is null ? Math.Max(known.Accepted, Accepted(sizing)) : Accepted(sizing),
        known.MayAsk && sizing.MayAsk);

    private static long Accepted(FragmentSizing sizing) => Math.Max(sizing.LargestAccepted, sizing.AcceptedByHost);
}
