using System.Net;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Decides which host a session's packets go to (MC-BUP 3.1: BITS-Host-Id and its fallback). The current time is passed in as a value.
/// </summary>
internal static class HostRouting
{
    /// <summary>A session was created: if its ack names a host, the packets go there, a Ping first.</summary>
    public static Transition Followed(UploadState state, string id, BitsPacket.CreateSession create, BitsAck ack)
    {
        UploadState created = state with { Session = new OpenSession { Id = id }, Canceled = false };
        if (ack.HostId is not { } host || string.IsNullOrWhiteSpace(host) || !state.Options.FollowsHostId)
        {
            return new Transition(created);
        }

        Uri? target = BitsHostId.Place(state.Url, host);
        string? objection = target is null ? "it must be a host, with or without a port." : ack.HostObjection;
        if (objection is not null)
        {
            return new Transition(
                state.WithLeftBehind(state.Target, id),
                AckFailure.Header(create, state.Target, BitsHeaderNames.HostId, host, objection));
        }

        UploadState moved = MovedTo(created, new SessionHost(host, target!, ack.HostIdFallback));
        return new Transition(moved with { Session = moved.Session! with { PingDue = true } });
    }

    /// <summary>A packet was sent to the named host, if there is one: the session may be there from now on.</summary>
    public static UploadState Reached(UploadState state) => state.Session is { Host: not null, HostWasReached: false } session
        ? state with { Session = session with { HostWasReached = true } }
        : state;

    /// <summary>A packet of the session was acknowledged by the named host, if there is one.</summary>
    public static UploadState Acknowledged(UploadState state) => state.Session is { Host: not null, HostAcked: false } session
        ? state with { Session = session with { HostAcked = true } }
        : state;

    /// <summary>The answer is that of a proxy or gateway which could not reach the host, so that the host itself did not answer.</summary>
    public static bool IsOfGateway(HttpStatusCode status, bool isAck) =>
        !isAck && status is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    /// <summary>
    /// The failure means that the host did not answer. If a smaller fragment follows an answer, the size of the fragment was the cause.
    /// </summary>
    public static bool MeansUnreached(BitsUploadException failure, Remedy remedy) => failure is BitsServerException answer
        ? IsOfGateway(answer.StatusCode, answer.IsAck) && remedy is not (Remedy.Shrink or Remedy.ShrinkAtOnce)
        : failure is { IsTransient: true, Reason: not (BitsFailureReason.Source or BitsFailureReason.Pipeline) };

    /// <summary>
    /// The host did not answer. If the session has a fallback, its time begins with the first such failure; any answer of the host
    /// resets it.
    /// </summary>
    public static UploadState Unreached(UploadState state, TimeSpan now) => state.Session is { Host.Fallback: not null } session
        ? state with { Session = session with { UnreachedSince = session.UnreachedSince ?? now } }
        : state;

    /// <summary>
    /// Where the next packet goes: to the URL's own host, in the same session, once the named host did not answer for the fallback time.
    /// </summary>
    public static UploadState Routed(UploadState state, TimeSpan now) =>
        state.Session is { UnreachedSince: { } since, Host.Fallback: { } fallback } && now - since >= fallback
            ? MovedTo(state, host: null) with { Budget = state.Session.Discarding ? state.Budget : state.Budget with { Retries = 0 } }
            : state;

    /// <summary>The session moves to another host, about which nothing is known yet.</summary>
    public static UploadState MovedTo(UploadState state, SessionHost? host)
    {
        if (state.Session is not { } session || session.Host == host)
        {
            return state;
        }

        // The next host cannot say what became of the session on the one before.
        UploadState left = session is { HostWasReached: true, Host.Target: { } target } ? state.WithLeftBehind(target, session.Id) : state;
        return left with
        {
            Session = session with
            {
                Host = host,
                HostWasReached = false,
                HostAcked = false,
                PingDue = false,
                UnreachedSince = null,

                // Nothing is known of what this host has.
                Doubtful = session.Doubtful || (session.Offset > 0 && session.Offset < state.Total),
                IsProbeUseless = false,
                ProbedOffset = null,
            },
            Sizing = state.Sizing.ForUnknownHost(),
        };
    }
}
