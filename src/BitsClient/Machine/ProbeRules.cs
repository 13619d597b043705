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
        long? offset = ack.ReceivedOffset;
        bool isEcho = ack.ReceivedOffsetText is null || offset <= probe.End;
        if (!isEcho && (offset is null || offset == (session.ProbedOffset ?? session.Offset)))
        {
            return null;
        }

        // Any other than the one that was acknowledged may follow from a fragment that arrived, from the probe, or from both. Another probe
        // gets the same answer, or one more if probes are appended; or something else if a fragment is still arriving.
        bool isAppended = session.ProbedOffset is { } before && offset == before + 1;
        return isEcho || isAppended || session.AcksWithoutProgress >= UploadMachine.MaxAcksWithoutProgress
            ? new Transition(
                state with { Sizing = state.Sizing with { KeepsOffsets = false } },
                AckFailure.Header(
                    probe, state.Target, BitsHeaderNames.ReceivedContentRange, ack.ReceivedOffsetText,
                    "the server does not keep the offset of a session, so bytes that are sent again would be stored twice."))
            : new Transition(state with
            {
                Session = session with
                {
                    ProbedOffset = offset,
                    AcksWithoutProgress = session.AcksWithoutProgress + 1,
                    IsUnproven = false,
                },
            });
    }

    /// <summary>
    /// The state after an answer that counts. A server that answers a probe with no less than it had acknowledged keeps offsets.
    /// </summary>
    public static UploadState Learned(UploadState before, UploadState moved, BitsPacket.Fragment fragment) =>
        fragment.IsProbe && moved.Offset >= before.Offset ? moved with { Sizing = moved.Sizing with { KeepsOffsets = true } } : moved;
}
