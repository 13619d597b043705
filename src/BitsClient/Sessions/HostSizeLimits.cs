using System.Collections.Concurrent;
using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>The fragment sizes that are too large for a host, learned by all uploads of a client. Thread-safe.</summary>
internal sealed class HostSizeLimits
{
    private readonly ConcurrentDictionary<string, (int Size, int Acks)> _limits = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Applies what is known about the host that packets go to, unless the upload has learned more about it itself.</summary>
    public UploadState Apply(UploadState state) =>
        state.Sizing is { Limit: null } sizing && _limits.TryGetValue(state.Target.Authority, out (int Size, int Acks) limit)
            ? state with { Sizing = sizing with { Limit = limit.Size, AcksAtLimit = limit.Acks, Size = Math.Min(sizing.Size, limit.Size) } }
            : state;

    /// <summary>
    /// Remembers a limit once a fragment of that size got through: until then, fragments may have failed for any other reason.
    /// </summary>
    public void Learn(UploadState state)
    {
        if (state.Sizing is { Limit: { } limit, AcksAtLimit: > 0 } sizing)
        {
            _limits[state.Target.Authority] = (limit, sizing.AcksAtLimit);
        }
    }
}
