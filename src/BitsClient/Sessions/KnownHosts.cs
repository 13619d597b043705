using System.Collections.Concurrent;
using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// What all uploads of a client have learned about each host: the fragment sizes that are too large for it, and whether it keeps the offset
/// of a session. Thread-safe.
/// </summary>
internal sealed class KnownHosts
{
    private readonly ConcurrentDictionary<string, (int Size, int Acks)> _limits = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _keepOffsets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Applies what is known about the host that packets go to, unless the upload has learned more about it itself.</summary>
    public UploadState Apply(UploadState state)
    {
        string host = OriginOf(state);
        FragmentSizing sizing = state.Sizing;
        if (sizing.Limit is null && _limits.TryGetValue(host, out (int Size, int Acks) limit))
        {
            sizing = sizing with { Limit = limit.Size, AcksAtLimit = limit.Acks, Size = Math.Min(sizing.Size, limit.Size) };
        }

        if (sizing.KeepsOffsets is null && _keepOffsets.TryGetValue(host, out bool keepsOffsets))
        {
            sizing = sizing with { KeepsOffsets = keepsOffsets };
        }

        return ReferenceEquals(sizing, state.Sizing) ? state : state with { Sizing = sizing };
    }

    /// <summary>
    /// Remembers a limit once a fragment of that size got through: until then, fragments may have failed for any other reason.
    /// </summary>
    public void Learn(UploadState state)
    {
        if (state.Sizing is { Limit: { } limit, AcksAtLimit: > 0 } sizing)
        {
            _limits[OriginOf(state)] = (limit, sizing.AcksAtLimit);
        }

        if (state.Sizing.KeepsOffsets is { } keepsOffsets)
        {
            _keepOffsets[OriginOf(state)] = keepsOffsets;
        }
    }

    private static string OriginOf(UploadState state) => $"{state.Target.Scheme}://{state.Target.Authority}";
}
