using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Finds out whether a server keeps the offset of a session. Some append whatever they are sent and acknowledge it, so that bytes that are
/// sent again are stored twice, although every ack looks right. A byte within the acknowledged part tells: a server that keeps offsets
/// answers with its own, however often it is asked. One that does not answers with the offset after that byte, with none, or with the
/// length of its file, which grows with each probe.
/// </summary>
internal static class ProbeRules
{
    /// <summary>A byte in the middle of the acknowledged part, so that the offset after it is not the server's.</summary>
    public static BitsPacket.Fragment Probe(UploadState state, OpenSession session) =>
        new(session.Id, state.ContentName, (session.Offset - 1) / 2, Length: 1, state.Total) { IsProbe = true };

    /// <summary>
    /// The answer to a probe that reports an offset, or succeeds. Null if the server keeps offsets: the answer then counts as every other.
    /// </summary>
    public static Transition? Apply(UploadState state, BitsPacket.Fragment probe, BitsAck ack)
    {
        // A refusal stores nothing.
        if (!ack.IsSuccess)
        {
            return null;
        }

        OpenSession session = state.Session!;
        bool isEcho = ack.ReceivedOffsetText is null || ack.ReceivedOffset <= probe.End;
        bool hasGrown = session.ProbedOffset is { } before && ack.ReceivedOffset is { } offset && offset != before;
        if (isEcho || hasGrown)
        {
            return new Transition(
                state with { Sizing = state.Sizing with { KeepsOffsets = false } },
                AckFailure.Header(
                    probe, state.Target, BitsHeaderNames.ReceivedContentRange, ack.ReceivedOffsetText,
                    "the server does not keep the offset of a session, so bytes that are sent again would be stored twice."));
        }

        // More than was acknowledged may be the fragment that is in doubt, the probe, or both. Another probe tells.
        return session.ProbedOffset is null && ack.ReceivedOffset > session.Offset
            ? new Transition(state with { Session = session with { ProbedOffset = ack.ReceivedOffset } })
            : null;
    }

    /// <summary>The server answered with an offset of its own, at or above what it had acknowledged.</summary>
    public static UploadState Kept(UploadState before, UploadState moved) =>
        moved.Offset >= before.Offset ? moved with { Sizing = moved.Sizing with { KeepsOffsets = true } } : moved;
}
