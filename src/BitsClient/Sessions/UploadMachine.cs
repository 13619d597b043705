using System.Diagnostics;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>The rules of a session, pure: which packet comes next, and what its ack means. It knows no clock, network or log.</summary>
internal static class UploadMachine
{
    /// <summary>How often the server may send the upload back, or keep it where it is, before that is an error.</summary>
    private const int MostAcksWithoutProgress = 5;

    /// <summary>The next packet; null when the session is closed and nothing is left to say.</summary>
    public static BitsPacket? Next(SessionState state) => state switch
    {
        { Closed: true } => null,
        { SessionId: null } => new BitsPacket.CreateSession(state.ContentName),
        { IsComplete: true } => new BitsPacket.CloseSession(state.SessionId, state.ContentName),
        _ => new BitsPacket.Fragment(
            state.SessionId, state.ContentName, state.Offset, Math.Min(state.FragmentSize, state.Total - state.Offset), state.Total),
    };

    /// <summary>A packet was sent, and so many bytes of its body were handed over; its answer is not read yet, and may never come.</summary>
    public static SessionState Sent(SessionState state, BitsPacket packet, long handedOver)
    {
        if (packet is not BitsPacket.Fragment fragment)
        {
            return packet is BitsPacket.CreateSession ? state with { CreateUnanswered = true } : state;
        }

        long end = fragment.Offset + handedOver;
        return state with
        {
            HighestSent = Math.Max(state.HighestSent, end),
            LastFragmentUnanswered = state.LastFragmentUnanswered || end == state.Total,
            BytesSent = state.BytesSent + handedOver,
            BytesResent = state.BytesResent + Math.Clamp(state.HighestSent - fragment.Offset, 0, handedOver),
        };
    }

    /// <summary>The answer to a packet that was <see cref="Sent"/>.</summary>
    public static Turn Apply(SessionState state, BitsPacket packet, BitsAck ack) => packet switch
    {
        BitsPacket.CreateSession create => ApplyCreate(state with { CreateUnanswered = false }, create, ack),
        BitsPacket.Fragment fragment => ApplyFragment(state, fragment, ack),
        BitsPacket.CloseSession => AckFailure.Of(packet, state.Url, ack) is { } failure
            ? new Turn(state, failure)
            : new Turn(state with { Closed = true }),
        BitsPacket.CancelSession => ApplyCancel(state, packet, ack),
        BitsPacket.Ping => new Turn(state, AckFailure.Of(packet, state.Url, ack)),
        _ => throw new UnreachableException(),
    };

    /// <summary>Whether it can name a session: opaque, but it has to go back in a header as it came.</summary>
    public static bool IsSessionId(string? id) =>
        id is { Length: > 0 and <= BitsHeaderNames.MaxValueLength } && id.All(c => c is >= ' ' and <= '~');

    private static Turn ApplyCreate(SessionState state, BitsPacket.CreateSession create, BitsAck ack)
    {
        if (AckFailure.Of(create, state.Url, ack) is { } refused)
        {
            return new Turn(state, refused);
        }

        if (!IsSessionId(ack.SessionId))
        {
            return new Turn(state, AckFailure.Header(
                create, state.Url, BitsHeaderNames.SessionId, ack.SessionId, "the ack of a Create-Session has to name the session in printable characters."));
        }

        // From here on the server holds a session: whatever else is wrong, it can be cancelled.
        SessionState created = state with
        {
            SessionId = ack.SessionId,
            Offset = 0,
            Acknowledged = 0,
            HighestSent = 0,
            LastFragmentUnanswered = false,
            AcksWithoutProgress = 0,
        };
        return ack.Protocol is { Length: > 0 } && !ack.Protocol.Equals(BitsHeaderNames.UploadProtocol, StringComparison.OrdinalIgnoreCase)
            ? new Turn(created, AckFailure.Header(
                create, state.Url, BitsHeaderNames.Protocol, ack.Protocol, $"only {BitsHeaderNames.UploadProtocol} was offered."))
            : new Turn(created);
    }

    private static Turn ApplyFragment(SessionState state, BitsPacket.Fragment fragment, BitsAck ack)
    {
        // 416 tells where the server is, just as a success does (MC-BUP 2.2.6).
        bool mismatch = (int)ack.StatusCode == 416 && ack.ReceivedOffsetText is not null;
        if (!mismatch && AckFailure.Of(fragment, state.Url, ack) is { } refused)
        {
            return new Turn(state, refused);
        }

        // The server's offset wins. Two servers leave it out when all is well.
        if (ack.ReceivedOffsetText is null)
        {
            return Moved(state with { Fragments = state.Fragments + 1 }, fragment, fragment.End);
        }

        // Never skip bytes on a server's word alone.
        if (ack.ReceivedOffset is not { } offset || offset > state.HighestSent)
        {
            return new Turn(state, AckFailure.Header(
                fragment, state.Url, BitsHeaderNames.ReceivedContentRange, ack.ReceivedOffsetText, $"it has to be a number from 0 to {state.HighestSent}."));
        }

        return Moved(mismatch ? state : state with { Fragments = state.Fragments + 1 }, fragment, offset);
    }

    private static Turn Moved(SessionState state, BitsPacket.Fragment fragment, long offset)
    {
        SessionState moved = state with
        {
            Offset = offset,
            Acknowledged = Math.Max(state.Acknowledged, offset),
            LastFragmentUnanswered = false,
            AcksWithoutProgress = offset > state.Acknowledged ? 0 : state.AcksWithoutProgress + 1,
        };
        return moved.AcksWithoutProgress > MostAcksWithoutProgress
            ? new Turn(moved, AckFailure.Header(
                fragment, state.Url, BitsHeaderNames.ReceivedContentRange, $"{offset}", "the server keeps sending the upload back and gets no further."))
            : new Turn(moved);
    }

    // The server does not know the session: already gone, which is what was asked for.
    private static Turn ApplyCancel(SessionState state, BitsPacket packet, BitsAck ack) =>
        ack.ErrorCode == BitsHResult.SessionNotFound && !ack.IsSuccess ? new Turn(state with { Canceled = true })
        : AckFailure.Of(packet, state.Url, ack) is { } failure ? new Turn(state, failure)
        : new Turn(state with { Canceled = true });
}
