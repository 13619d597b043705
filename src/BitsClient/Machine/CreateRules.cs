using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>What the answer to Create-Session means: a session, or one that may have been left behind.</summary>
internal static class CreateRules
{
    /// <summary>The ack of Create-Session, or its refusal.</summary>
    public static Transition Apply(UploadState state, BitsPacket.CreateSession create, BitsAck ack)
    {
        if (AckFailure.Of(create, state.Target, ack, state.Ledger.CloseWasSent ? AckFailure.EarlierClose : "") is { } refused)
        {
            // A definite refusal leaves no session behind, unless it names one.
            bool isDefinite = (int)ack.StatusCode is >= 300 and <= 499 and not 408 && IdOf(ack) is null;
            return new Transition(isDefinite ? state : LeftBehind(state, ack), refused);
        }

        if (IdOf(ack) is not { } id)
        {
            return new Transition(state.WithLeftBehind(state.Target), AckFailure.Header(
                create, state.Target, BitsHeaderNames.SessionId, ack.SessionId,
                "the ack of Create-Session must contain a session id of printable characters."));
        }

        if (ack.Protocol is { Length: > 0 } && !ack.Protocol.Equals(BitsHeaderNames.UploadProtocol, StringComparison.OrdinalIgnoreCase))
        {
            return new Transition(state.WithLeftBehind(state.Target, id), AckFailure.Header(
                create, state.Target, BitsHeaderNames.Protocol, ack.Protocol, $"only {BitsHeaderNames.UploadProtocol} was offered."));
        }

        return HostRouting.Followed(state, id, create, ack);
    }

    // A session is where it was opened. It cannot be ended at a URL to which nothing can be sent.
    private static UploadState LeftBehind(UploadState state, BitsAck ack)
    {
        Uri target = ack.RedirectedTo ?? state.Target;
        return BitsUrl.FindError(target) is null ? state.WithLeftBehind(target, IdOf(ack)) : state.WithLeftBehind(state.Target);
    }

    private static string? IdOf(BitsAck ack) => BitsSessionId.IsValid(ack.SessionId) ? ack.SessionId : null;
}
