using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>Which host a session's packets go to (MC-BUP 3.1: BITS-Host-Id and its fall-back). Pure: the time comes as a value.</summary>
internal static class HostRouting
{
    /// <summary>A session was created: if its ack names a host, the packets go there, a Ping first.</summary>
    public static Transition Followed(UploadState created, BitsPacket.CreateSession create, BitsAck ack)
    {
        if (ack.HostId is not { } id || created.Rules.HostIdPolicy == BitsHostIdPolicy.Ignore)
        {
            return new Transition(created);
        }

        Uri? target = BitsHostId.Place(created.Url, id);
        string? objection = target is null ? "it has to be a host, perhaps with a port." : created.Rules.HostIdPolicy.Objection(id);
        return objection is null
            ? new Transition(MovedTo(created, new SessionHost(id, target!, ack.HostIdFallback)) with { PingDue = true })
            : new Transition(created with { Discarding = true }, AckFailure.Header(create, created.Target, BitsHeaderNames.HostId, id, objection));
    }

    /// <summary>There was no answer. If the host may be left, the time until then runs from the first such failure; any answer ends it.</summary>
    public static UploadState Unreached(UploadState state, TimeSpan now) =>
        state.Host?.Fallback is null ? state : state with { UnreachedSince = state.UnreachedSince ?? now };

    /// <summary>Where the next packet goes: back to the URL's own host, in the same session, once the other was out of reach for long enough.</summary>
    public static UploadState Routed(UploadState state, TimeSpan now) =>
        state.UnreachedSince is { } since && now - since >= state.Host!.Fallback
            ? MovedTo(state, host: null) with { RetriesWithoutProgress = 0 }
            : state;

    /// <summary>What was learnt of one host says nothing about another.</summary>
    public static UploadState MovedTo(UploadState state, SessionHost? host) => host == state.Host ? state : state with
    {
        Host = host,
        PingDue = false,
        UnreachedSince = null,
        SizeLimit = null,
        AcksAtLimit = 0,
        LargestAccepted = 0,
    };
}
