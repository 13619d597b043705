using System.Diagnostics;
using System.Globalization;
using System.Net;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// The rules of a session, as pure functions: which packet comes next, and how its ack changes the state. What follows a failure is decided
/// by <see cref="FailureTable"/> and applied by <see cref="UploadRecovery"/>. They use no clock, network or log.
/// </summary>
internal static class UploadMachine
{
    /// <summary>How many consecutive acks may set the upload back, or leave it where it is, before that is an error.</summary>
    public const int MaxAcksWithoutProgress = 5;

    /// <summary>The most bytes of a fragment that finds out where the server is, even if the size of fragments is fixed.</summary>
    private const int MaxDoubtfulLength = 5 * 1024;

    /// <summary>The next packet; null when the session is closed and nothing is left to send.</summary>
    public static BitsPacket? Next(UploadState state) => (state, state.Session) switch
    {
        ({ Closed: true }, _) => null,
        (_, null) => new BitsPacket.CreateSession(state.ContentName),
        (_, { Discarding: true } session) => new BitsPacket.CancelSession(session.Id),
        (_, { PingDue: true }) => new BitsPacket.Ping(),
        ({ IsReplyDue: true }, { } session) => new BitsPacket.GetReply(session.Id, session.ReplyUrl!),
        ({ IsComplete: true }, { } session) => new BitsPacket.CloseSession(session.Id, state.ContentName),
        ({ NeedsProbe: true }, { } session) => ProbeRules.Probe(state, session),
        (_, { } session) => Fragment(state, session, NextLength(state, session)),
    };

    /// <summary>A packet is about to be sent.</summary>
    public static UploadState Sending(UploadState state, BitsPacket packet) =>
        packet is BitsPacket.Fragment fragment ? state with { Session = state.Session! with { SendingTo = fragment.End } } : state;

    /// <summary>A packet that was about to be sent has ended, and was not sent.</summary>
    public static UploadState NotSent(UploadState state) =>
        state.Session is { SendingTo: > 0 } session ? state with { Session = session with { SendingTo = 0 } } : state;

    /// <summary>A packet was sent; its answer is not applied yet.</summary>
    public static UploadState Sent(UploadState sending, BitsPacket packet, SentContent sent)
    {
        UploadState asked = sending.WithSizing(FragmentSizer.Sent(sending.Sizing, packet, sent));
        UploadState counted = sent.Repetitions == 0
            ? asked
            : asked with { Tally = asked.Tally with { Retries = asked.Tally.Retries + sent.Repetitions } };
        return packet switch
        {
            // The server may have opened a session for each.
            BitsPacket.CreateSession when sent.UnexplainedRepetitions > 0 => counted.WithLeftBehind(counted.Target),
            BitsPacket.Fragment fragment => SentFragment(counted, fragment, sent),
            _ => counted,
        };
    }

    /// <summary>The connection broke while the server was asked whether it accepts a fragment: nothing of the fragment was sent.</summary>
    public static UploadState NotAnswered(UploadState sending)
    {
        UploadState state = NotSent(sending);
        return state with { Sizing = FragmentSizer.NotAnswered(state.Sizing, state.Options) };
    }

    /// <summary>A packet was <see cref="Sent"/>, and its answer never came.</summary>
    public static UploadState Unanswered(UploadState state, BitsPacket packet) =>
        packet switch
        {
            BitsPacket.CreateSession => state.WithLeftBehind(state.Target),
            { EndsOtherSession: true } => state,
            _ => HostRouting.Reached(state),
        };

    /// <summary>The answer to a packet that was <see cref="Sent"/>.</summary>
    /// <param name="sent">The state since it was sent.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="ack">The answer.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="writing">The part of it in which the connection took its bytes; null if that is not known.</param>
    public static Transition Apply(UploadState sent, BitsPacket packet, BitsAck ack, TimeSpan took, TimeSpan? writing = null)
    {
        UploadState state = packet.EndsOtherSession ? sent : HostRouting.Reached(sent);
        Transition transition = packet switch
        {
            BitsPacket.CreateSession create => CreateRules.Apply(state, create, ack),
            BitsPacket.Fragment fragment => ApplyFragment(state, fragment, ack, (took, writing)),
            BitsPacket.GetReply get => ReplyRules.Apply(state, get, ack),
            BitsPacket.CloseSession => ApplyClose(state, packet, ack),
            BitsPacket.CancelSession cancel => ApplyCancel(state, cancel, ack),
            BitsPacket.Ping => ApplyPing(state, packet, ack),
            _ => throw new UnreachableException(),
        };
        bool isOfSession = packet is { EndsOtherSession: false, SessionIdOrNull: not null };
        UploadState next = transition.Failure is null && isOfSession ? HostRouting.Acknowledged(transition.State) : transition.State;

        // Another host may have been named, about which the time says nothing.
        bool isMeasured = packet is BitsPacket.CreateSession or BitsPacket.Ping
            && transition.Failure is null && next.Target == sent.Target;
        UploadState measured = isMeasured
            ? next.WithSizing(FragmentSizer.Answered(next.Sizing, next.Options, took, next.Total - next.Offset))
            : next;
        return transition with { State = Answered(measured, ack, challengeAnswered: transition.Failure is null) };
    }

    /// <summary>
    /// A run begins, perhaps after another that failed or was suspended, or in another process: the retry budget is restored, a Ping is
    /// sent first (MC-BUP note 9), and if a fragment was in flight, it is unknown how much of it the server has.
    /// </summary>
    public static UploadState Begun(UploadState state)
    {
        if (state is { Session: null, Canceled: false, IsBeingCanceled: false } && ReferenceEquals(state.Budget, RetryBudget.Unused))
        {
            return state;
        }

        UploadState begun = state.Canceled ? state.WithoutSession(SessionFate.Canceled) : state;
        bool isDoubtful = begun.HasUnacknowledgedBytes || begun.Session is { Doubtful: true };
        return begun with
        {
            IsBeingCanceled = false,
            Budget = begun.Budget.HighWater == 0 ? RetryBudget.Unused : new RetryBudget { HighWater = begun.Budget.HighWater },
            Session = begun.Session is not { } session ? null : session with
            {
                AcksWithoutProgress = 0,
                UnreachedSince = null,
                PingDue = true,
                IsUnproven = true,
                IsProbeUseless = false,
                ProbedOffset = null,
                Doubtful = isDoubtful && !begun.ForbidsResending,
                Discarding = session.Discarding || (isDoubtful && begun.ForbidsResending),
            },
        };
    }

    // Most acks are like the one before, and change nothing.
    private static UploadState Answered(UploadState state, BitsAck ack, bool challengeAnswered)
    {
        UploadState answered = state.Session is { UnreachedSince: not null } session && !HostRouting.IsOfGateway(ack.StatusCode, ack.IsAck)
            ? state with { Session = session with { UnreachedSince = null } }
            : state;
        return challengeAnswered && answered.Budget.Challenged
            ? answered with { Budget = answered.Budget with { Challenged = false } }
            : answered;
    }

    private static UploadState SentFragment(UploadState state, BitsPacket.Fragment fragment, SentContent sent)
    {
        OpenSession session = state.Session!;
        long end = fragment.Offset + sent.Furthest;
        return state with
        {
            Session = session with
            {
                SendingTo = 0,
                HighestSent = Math.Max(session.HighestSent, end),
                LastFragmentUnanswered = session.LastFragmentUnanswered || end == state.Total,
            },
            Tally = state.Tally.WithSent(fragment.Offset, sent),
        };
    }

    private static BitsPacket.Fragment Fragment(UploadState state, OpenSession session, long length) =>
        new(session.Id, state.ContentName, session.Offset, length, state.Total)
        {
            AsksFirst = FragmentSizer.AsksFirst(state.Sizing, state.Options, length),
        };

    private static long NextLength(UploadState state, OpenSession session)
    {
        int small = Math.Min(MaxDoubtfulLength, Math.Min(state.Options.MinFragmentSize, state.Sizing.Size));
        long remaining = state.Total - session.Offset;
        return session.Doubtful ? Math.Min(small, remaining) : FragmentSizer.LengthOf(state.Sizing, state.Options, remaining);
    }

    private static Transition ApplyPing(UploadState state, BitsPacket packet, BitsAck ack) =>
        AckFailure.Of(packet, state.Target, ack) is { } failure
            ? new Transition(state, failure)
            : new Transition(state with { Session = state.Session is { } session ? session with { PingDue = false } : null });

    private static Transition ApplyFragment(
        UploadState state, BitsPacket.Fragment fragment, BitsAck ack, (TimeSpan Took, TimeSpan? Writing) time)
    {
        // 416 reports where the server is, as a success does (MC-BUP 2.2.6). Some servers leave out that it is an ack.
        bool reportsOffset =
            ack is { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable, ReceivedOffsetText: not null, RedirectedTo: null };
        if (!reportsOffset && AckFailure.Of(fragment, state.Target, ack, SizeAdvice.Of(fragment, state, ack)) is { } refused)
        {
            return new Transition(state, refused);
        }

        if (fragment.IsProbe && ProbeRules.Apply(state, fragment, ack) is { } probed)
        {
            return probed;
        }

        // An offset beyond what was sent is refused, so that no byte is skipped. Two servers omit the offset on success.
        long? offset = ack.ReceivedOffsetText is null ? fragment.End : ack.ReceivedOffset;
        if (offset is not { } next || next > state.HighestSent)
        {
            return new Transition(state, AckFailure.Header(
                fragment, state.Target, BitsHeaderNames.ReceivedContentRange, ack.ReceivedOffsetText,
                $"it must be a number from 0 to {state.HighestSent}."));
        }

        // A host that has less than was acknowledged is not the one that acknowledged it.
        UploadState here = next < state.Acknowledged ? Moved(state, next) : Moved(state, next).WithSessionHere();
        UploadState moved = ProbeRules.Learned(state, here, fragment);
        bool isAccepted = !reportsOffset && !fragment.IsProbe;
        bool isOwnAck = isAccepted && !state.Session!.Doubtful;
        return Checked(isAccepted ? Accepted(moved, fragment, time) : moved, fragment, ack, isOwnAck);
    }

    private static UploadState Accepted(
        UploadState moved, BitsPacket.Fragment fragment, (TimeSpan Took, TimeSpan? Writing) time) => moved with
        {
            Tally = moved.Tally with { Fragments = moved.Tally.Fragments + 1 },
            Sizing = FragmentSizer.Accepted(moved.Sizing, moved.Options, fragment, time.Took, time.Writing),
        };

    private static Transition Checked(UploadState moved, BitsPacket.Fragment fragment, BitsAck ack, bool isOwnAck) => moved switch
    {
        { IsReplyDue: true } => ReplyRules.Announced(moved, fragment, ack, isOwnAck),
        { Session.AcksWithoutProgress: <= MaxAcksWithoutProgress } => new Transition(moved),
        _ => new Transition(moved, AckFailure.Header(
            fragment, moved.Target, BitsHeaderNames.ReceivedContentRange, moved.Offset.ToString(CultureInfo.InvariantCulture),
            "the server keeps setting the upload back, and it makes no progress.")),
    };

    // The server's offset replaces ours.
    private static UploadState Moved(UploadState state, long offset)
    {
        OpenSession session = state.Session!;

        // Acks that move the upload back or leave it where it is are limited. Acks that move it forward to where it was before are not.
        bool isProgress = offset > session.Acknowledged;
        bool isSetBack = offset <= session.Offset;
        RetryBudget budget = state.Budget;
        return state with
        {
            Session = session with
            {
                Offset = offset,
                Acknowledged = Math.Max(session.Acknowledged, offset),
                HighestSent = Math.Max(session.HighestSent, offset),
                Resumed = false,
                LastFragmentUnanswered = false,
                Doubtful = false,
                ProbedOffset = null,
                IsUnproven = false,
                AcksWithoutProgress = (isProgress, isSetBack) switch
                {
                    (true, _) => 0,
                    (false, true) => session.AcksWithoutProgress + 1,
                    (false, false) => session.AcksWithoutProgress,
                },
            },
            Budget = budget with
            {
                Retries = isProgress && !IsSizeInDoubt(state, session, offset) ? 0 : budget.Retries,
                Restarts = offset > budget.HighWater ? 0 : budget.Restarts,
                HighWater = Math.Max(budget.HighWater, offset),
            },
            Tally = offset > state.Tally.HighestSent ? state.Tally with { HighestSent = offset } : state.Tally,
        };
    }

    // A small fragment that found out the offset says nothing about the one that failed, if that was larger than any before.
    private static bool IsSizeInDoubt(UploadState state, OpenSession session, long offset) =>
        session.Doubtful && offset < session.HighestSent && session.DoubtfulLength > state.Sizing.LargestAccepted;

    // If the reply was downloaded, a session that is gone counts as closed: the reply proves that the application has the file.
    private static Transition ApplyClose(UploadState state, BitsPacket packet, BitsAck ack)
    {
        bool isGoneAfterReply = state.Session is { ReplyReceived: true } && ack.ErrorCode == BitsHResult.SessionNotFound;
        return !isGoneAfterReply && AckFailure.Of(packet, state.Target, ack) is { } failure
            ? new Transition(state, failure)
            : new Transition(state.WithSessionHere() with { Closed = true });
    }

    // If the server does not know the session, it is gone, which is what was asked for.
    private static Transition ApplyCancel(UploadState state, BitsPacket.CancelSession cancel, BitsAck ack)
    {
        if (!ack.IsSuccess && ack.ErrorCode != BitsHResult.SessionNotFound)
        {
            return new Transition(state, AckFailure.Of(cancel, cancel.Target ?? state.Target, ack));
        }

        SessionFate fate = ack.IsSuccess ? SessionFate.Canceled : SessionFate.Gone;
        if (cancel.Target is { } target)
        {
            return new Transition(state with { Ledger = state.Ledger.WithEnded(target, cancel.SessionId, fate) });
        }

        bool isReplaced = state is { Session.Discarding: true, IsBeingCanceled: false };
        UploadState left = fate is SessionFate.Gone ? state.WithSessionAtUrl() : state;
        return new Transition(isReplaced ? state.WithoutSession(fate) : left with { Canceled = true });
    }
}
