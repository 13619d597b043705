using System.Diagnostics;
using System.Globalization;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>The rules of a session, pure: which packet comes next, and what its ack or its failure means. It knows no clock, network or log.</summary>
internal static class UploadMachine
{
    /// <summary>How often the server may send the upload back, or keep it where it is, before that is an error.</summary>
    private const int MostAcksWithoutProgress = 5;

    /// <summary>The next packet; null when the session is closed and nothing is left to say.</summary>
    public static BitsPacket? Next(UploadState state) => state switch
    {
        { Closed: true } => null,
        { SessionId: null } => new BitsPacket.CreateSession(state.ContentName),
        { Discarding: true } => new BitsPacket.CancelSession(state.SessionId),
        { PingDue: true } => new BitsPacket.Ping(),
        { IsReplyDue: true } => new BitsPacket.GetReply(state.SessionId, state.ReplyUrl!),
        { IsComplete: true } => new BitsPacket.CloseSession(state.SessionId, state.ContentName),
        _ => new BitsPacket.Fragment(state.SessionId, state.ContentName, state.Offset, NextLength(state), state.Total),
    };

    /// <summary>A packet was sent, and so many bytes of its body were handed over; its answer is not read yet.</summary>
    public static UploadState Sent(UploadState state, BitsPacket packet, long handedOver) => packet is not BitsPacket.Fragment fragment ? state
        : state with
        {
            HighestSent = Math.Max(state.HighestSent, fragment.Offset + handedOver),
            LastFragmentUnanswered = state.LastFragmentUnanswered || fragment.Offset + handedOver == state.Total,
            BytesSent = state.BytesSent + handedOver,
            BytesResent = state.BytesResent + Math.Clamp(state.HighestSent - fragment.Offset, 0, handedOver),
        };

    /// <summary>A packet was <see cref="Sent"/>, and its answer never came.</summary>
    public static UploadState Unanswered(UploadState state, BitsPacket packet) =>
        packet is BitsPacket.CreateSession ? state with { SessionMayBeLeft = true } : state;

    /// <summary>The answer to a packet that was <see cref="Sent"/>, and how long it took.</summary>
    public static Transition Apply(UploadState state, BitsPacket packet, BitsAck ack, TimeSpan took)
    {
        Transition turn = packet switch
        {
            BitsPacket.CreateSession create => ApplyCreate(state, create, ack),
            BitsPacket.Fragment fragment => ApplyFragment(state, fragment, ack, took),
            BitsPacket.GetReply get => ReplyRules.Apply(state, get, ack),
            BitsPacket.CloseSession => ApplyClose(state, packet, ack),
            BitsPacket.CancelSession => ApplyCancel(state, packet, ack),
            BitsPacket.Ping => ApplyPing(state, packet, ack),
            _ => throw new UnreachableException(),
        };
        UploadState heard = turn.State with
        {
            LastStatus = ack.StatusCode,
            Challenged = turn.Failure is not null && turn.State.Challenged,
            UnreachedSince = null,
        };
        return turn with { State = heard };
    }

    /// <summary>
    /// Mends the state after a failure, so that <see cref="Next"/> goes on in the right way; with the failure if patience is at its end.
    /// </summary>
    public static Transition Recover(UploadState state, BitsPacket packet, BitsUploadException failure, Remedy remedy) => remedy switch
    {
        Remedy.Stop => new Transition(state with { Challenged = false }, failure),
        Remedy.Ignore => new Transition(WithoutSession(state) with { SessionMayBeLeft = true }),
        Remedy.Authenticate => new Transition(state with { Challenged = true, Retries = state.Retries + 1 }),
        Remedy.Retry => Retried(state, packet, failure),
        Remedy.Shrink => Retried(FragmentSizer.Refused(state, (BitsPacket.Fragment)packet), packet, failure),
        Remedy.NewSession when failure is BitsServerException { ErrorCode: BitsHResult.SessionNotFound } => Restarted(state, WithoutSession(state), failure),
        Remedy.NewSession => Restarted(state, state with { Discarding = true }, failure),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// A run begins, perhaps after another that failed or was suspended, or in another process: patience is new, a Ping goes first (MC-BUP note 9), and what
    /// was left half-sent is in doubt.
    /// </summary>
    public static UploadState Begun(UploadState state)
    {
        UploadState begun = state.Canceled ? WithoutSession(state) : state;
        bool mayResend = begun.Rules.ResendPolicy is BitsResendPolicy.Resynchronize;
        return begun with
        {
            RetriesWithoutProgress = 0,
            RestartsWithoutProgress = 0,
            AcksWithoutProgress = 0,
            Challenged = false,
            IsLast = false,
            PingDue = begun.SessionId is not null,
            Doubtful = begun.IsHalfSent && mayResend,
            Discarding = begun.Discarding || (begun.IsHalfSent && !mayResend),
        };
    }

    private static long NextLength(UploadState state)
    {
        int most = state.Doubtful ? Math.Min(state.Rules.MinFragmentSize, state.FragmentSize) : state.FragmentSize;
        return Math.Min(most, state.Total - state.Offset);
    }

    private static Transition ApplyCreate(UploadState state, BitsPacket.CreateSession create, BitsAck ack)
    {
        if (AckFailure.Of(create, state.Target, ack) is { } refused)
        {
            // Only a clear no leaves no session behind.
            bool isClear = (int)ack.StatusCode is >= 300 and <= 499 and not 408;
            return new Transition(isClear ? state : state with { SessionMayBeLeft = true }, refused);
        }

        if (!BitsSessionId.IsValid(ack.SessionId))
        {
            return new Transition(state with { SessionMayBeLeft = true }, AckFailure.Header(
                create, state.Target, BitsHeaderNames.SessionId, ack.SessionId, "the ack of a Create-Session has to name the session in printable characters."));
        }

        // From here on the server holds a session: whatever else is wrong, it can be canceled.
        UploadState created = WithoutSession(state) with { SessionId = ack.SessionId };
        return ack.Protocol is { Length: > 0 } && !ack.Protocol.Equals(BitsHeaderNames.UploadProtocol, StringComparison.OrdinalIgnoreCase)
            ? new Transition(created with { Discarding = true }, AckFailure.Header(
                create, state.Target, BitsHeaderNames.Protocol, ack.Protocol, $"only {BitsHeaderNames.UploadProtocol} was offered."))
            : HostRouting.Followed(created, create, ack);
    }

    private static Transition ApplyPing(UploadState state, BitsPacket packet, BitsAck ack) =>
        AckFailure.Of(packet, state.Target, ack) is { } failure
            ? new Transition(state, failure)
            : new Transition(state with { PingDue = false });

    private static Transition ApplyFragment(UploadState state, BitsPacket.Fragment fragment, BitsAck ack, TimeSpan took)
    {
        // 416 tells where the server is, just as a success does (MC-BUP 2.2.6).
        bool mismatch = (int)ack.StatusCode == 416 && ack.ReceivedOffsetText is not null;
        if (!mismatch && AckFailure.Of(fragment, state.Target, ack) is { } refused)
        {
            return new Transition(state, refused);
        }

        // Never skip bytes on a server's word alone. Two servers leave the offset out when all is well.
        long? offset = ack.ReceivedOffsetText is null ? fragment.End : ack.ReceivedOffset;
        if (offset is not { } next || next > state.HighestBelieved)
        {
            return new Transition(state, AckFailure.Header(
                fragment, state.Target, BitsHeaderNames.ReceivedContentRange, ack.ReceivedOffsetText, $"it has to be a number from 0 to {state.HighestBelieved}."));
        }

        UploadState moved = Moved(state, next);
        if (!mismatch)
        {
            moved = FragmentSizer.Accepted(moved with { Fragments = state.Fragments + 1 }, fragment, took);
        }

        return moved.IsReplyDue ? ReplyRules.Announced(moved, fragment, ack)
            : moved.AcksWithoutProgress <= MostAcksWithoutProgress ? new Transition(moved)
            : new Transition(moved, AckFailure.Header(
                fragment, state.Target, BitsHeaderNames.ReceivedContentRange, next.ToString(CultureInfo.InvariantCulture), "the server keeps sending the upload back and gets no further."));
    }

    // The server's offset wins.
    private static UploadState Moved(UploadState state, long offset)
    {
        // Going back, or standing still, is what must not go on for ever; getting back to where it was takes as many acks as it takes.
        bool progress = offset > state.Acknowledged;
        bool isSetBack = offset <= state.Offset;
        return state with
        {
            Offset = offset,
            Acknowledged = Math.Max(state.Acknowledged, offset),
            HighWater = Math.Max(state.HighWater, offset),
            HighestSent = Math.Max(state.HighestSent, offset),
            Resumed = false,
            LastFragmentUnanswered = false,
            Doubtful = false,
            AcksWithoutProgress = progress ? 0 : isSetBack ? state.AcksWithoutProgress + 1 : state.AcksWithoutProgress,
            RetriesWithoutProgress = progress ? 0 : state.RetriesWithoutProgress,
            RestartsWithoutProgress = offset > state.HighWater ? 0 : state.RestartsWithoutProgress,
        };
    }

    // A session that is gone is as good as closed where its reply is here: that proves what the file's fate was.
    private static Transition ApplyClose(UploadState state, BitsPacket packet, BitsAck ack) =>
        AckFailure.Of(packet, state.Target, ack) is { } failure && !(state.ReplyReceived && ack.ErrorCode == BitsHResult.SessionNotFound)
            ? new Transition(state, failure)
            : new Transition(state with { Closed = true });

    // The server does not know the session: already gone, which is what was asked for.
    private static Transition ApplyCancel(UploadState state, BitsPacket packet, BitsAck ack)
    {
        bool isGone = ack.IsSuccess || ack.ErrorCode == BitsHResult.SessionNotFound;
        return !isGone ? new Transition(state, AckFailure.Of(packet, state.Target, ack))
            : state is { Discarding: true, IsLast: false } ? new Transition(WithoutSession(state))
            : new Transition(state with { Canceled = true });
    }

    private static Transition Retried(UploadState state, BitsPacket packet, BitsUploadException failure)
    {
        // A clear no: nothing was stored, and nothing has to be waited for.
        if (!failure.IsTransient)
        {
            return new Transition(state with { Retries = state.Retries + 1 });
        }

        // While it is open whether the host has to be left, the tries are not counted, or they would be over before that is known.
        int retries = state.UnreachedSince is null ? state.RetriesWithoutProgress + 1 : state.RetriesWithoutProgress;
        if (retries > state.Rules.MaxRetries)
        {
            return new Transition(state, failure);
        }

        UploadState retried = state with { RetriesWithoutProgress = retries, Retries = state.Retries + 1 };
        if (packet is not BitsPacket.Fragment)
        {
            return new Transition(retried);
        }

        // The fragment may be there, in part or in whole, and there is no way to ask but to send another.
        return state.Rules.ResendPolicy is BitsResendPolicy.NewSession && state.IsHalfSent
            ? Restarted(state, retried with { Discarding = true }, failure)
            : new Transition(FragmentSizer.Failed(retried, failure) with { Doubtful = true });
    }

    private static Transition Restarted(UploadState state, UploadState anew, BitsUploadException failure) =>
        state.RestartsWithoutProgress < state.Rules.MaxRestarts
            ? new Transition(anew with { RestartsWithoutProgress = state.RestartsWithoutProgress + 1, Retries = state.Retries + 1 })
            : new Transition(state, failure);

    private static UploadState WithoutSession(UploadState state) => HostRouting.MovedTo(state, host: null) with
    {
        SessionId = null,
        EarlierMayBeStored = state.MayBeStored,
        Restarts = state.Restarts + (state.SessionId is null ? 0 : 1),
        Discarding = false,
        Canceled = false,
        Offset = 0,
        Acknowledged = 0,
        HighestSent = 0,
        PingDue = false,
        Resumed = false,
        LastFragmentUnanswered = false,
        Doubtful = false,
        AcksWithoutProgress = 0,
        ReplyUrl = null,
        ReplyReceived = false,
        ReplyHighWater = 0,
    };
}
