using System.Collections.Concurrent;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>What all uploads of a client have learned about each host. Thread-safe.</summary>
internal sealed class KnownHosts
{
    private readonly ConcurrentDictionary<BitsOrigin, KnownHost> _hosts = new();

    /// <summary>Applies what is known about the host that packets go to, unless the upload has learned more about it itself.</summary>
    public UploadState Apply(UploadState state) => _hosts.TryGetValue(BitsOrigin.Of(state.Target), out KnownHost known)
        ? state.WithSizing(known.ApplyTo(state.Sizing))
        : state;

    /// <summary>Remembers what the upload has measured. Most packets teach nothing new, and then nothing is allocated.</summary>
    public void Learn(UploadState state)
    {
        BitsOrigin origin = BitsOrigin.Of(state.Target);
        _hosts.TryGetValue(origin, out KnownHost known);
        if (known.With(state.Sizing) != known)
        {
            Update(origin, state.Sizing);
        }
    }

    // A method of its own, because its closure is allocated at the beginning.
    private void Update(BitsOrigin origin, FragmentSizing sizing) =>
        _hosts.AddOrUpdate(origin, default(KnownHost).With(sizing), (_, latest) => latest.With(sizing));
}
