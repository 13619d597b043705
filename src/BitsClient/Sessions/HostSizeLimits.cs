using System.Collections.Concurrent;
using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>What was learnt of each host: bigger fragments did not get through to it. Kept for the life of the client. Thread-safe.</summary>
internal sealed class HostSizeLimits
{
    private readonly ConcurrentDictionary<string, (int Size, int Acks)> _limits = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is known of the host that the packets go to, unless the session has learnt more of it itself.</summary>
    public UploadState Apply(UploadState state) => state.SizeLimit is null && _limits.TryGetValue(state.Target.Authority, out (int Size, int Acks) limit)
        ? state with { SizeLimit = limit.Size, AcksAtLimit = limit.Acks, FragmentSize = Math.Min(state.FragmentSize, limit.Size) }
        : state;

    /// <summary>Only what got through is a limit: before that, the fragments may have failed for any other reason.</summary>
    public void Learn(UploadState state)
    {
        if (state is { SizeLimit: { } limit, AcksAtLimit: > 0 })
        {
            _limits[state.Target.Authority] = (limit, state.AcksAtLimit);
        }
    }
}
