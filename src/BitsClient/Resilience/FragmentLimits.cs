using System.Collections.Concurrent;
using BitsClient.Sessions;

namespace BitsClient.Resilience;

/// <summary>What was learnt of each host: bigger fragments did not get through to it. Kept for the life of the client. Thread-safe.</summary>
internal sealed class FragmentLimits
{
    private readonly ConcurrentDictionary<string, int> _limits = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Begins an upload with what is known of its host.</summary>
    public SessionState Apply(SessionState state, int initialSize) => _limits.TryGetValue(state.Url.Authority, out int limit)
        ? state with { SizeLimit = limit, FragmentSize = Math.Min(initialSize, limit) }
        : state with { FragmentSize = initialSize };

    public void Learn(SessionState state)
    {
        if (state.SizeLimit is { } limit)
        {
            _limits[state.Url.Authority] = limit;
        }
    }
}
