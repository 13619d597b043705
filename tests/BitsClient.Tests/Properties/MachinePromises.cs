using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Properties;

/// <summary>The rules that hold for every session, whatever a server answers.</summary>
internal static class MachinePromises
{
    private const int LongestMessage = 2000;

    /// <summary>The rules that a transition broke.</summary>
    public static IEnumerable<string> BrokenBy(UploadState before, BitsPacket packet, bool isSuccess, UploadState after)
    {
        bool isSameSession = before.Session?.Id is not null && after.Ledger.Replaced == before.Ledger.Replaced;
        (string Rule, bool Holds)[] rules =
        [
            ("0 <= Offset <= Acknowledged <= HighestSent <= Total",
                after.Session is not { } session || (session.Offset >= 0 && session.Offset <= session.Acknowledged
                    && session.Acknowledged <= session.HighestSent && session.HighestSent <= after.Total)),
            ("Acknowledged is never ahead of HighWater",
                after.Acknowledged <= after.Budget.HighWater && after.Budget.HighWater >= before.Budget.HighWater),
            ("Acknowledged never decreases within a session", !isSameSession || after.Acknowledged >= before.Acknowledged),
            ("the id of a session never changes", !isSameSession || after.Session?.Id == before.Session?.Id),
            ("only an acknowledged Create-Session makes a session",
                before.Session?.Id is not null || after.Session?.Id is null || (packet is BitsPacket.CreateSession && isSuccess)),
            ("only an acknowledged Close-Session closes",
                before.Closed || !after.Closed || (packet is BitsPacket.CloseSession && isSuccess)),
            ("fragments stay within the limits",
                after.Sizing.Size >= Math.Min(before.Sizing.Size, after.Options.MinFragmentSize)
                    && after.Sizing.Size <= after.Options.MaxFragmentSize),
            ("the next fragment is within the file",
                UploadMachine.Next(after) is not BitsPacket.Fragment next || (next.Length > 0 && next.End <= after.Total)),
            ("the counts never decrease",
                after.Tally.BytesSent >= before.Tally.BytesSent
                    && after.Tally.BytesResent >= before.Tally.BytesResent
                    && after.Tally.BytesResent <= after.Tally.BytesSent),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => rule.Rule);
    }

    /// <summary>The rules that a failure broke.</summary>
    public static IEnumerable<string> BrokenBy(BitsUploadException failure)
    {
        (string Rule, bool Holds)[] rules =
        [
            ("a documented type", failure is BitsServerException or BitsProtocolException),
            ("a message of bounded length", failure.Message.Length < LongestMessage),
            ("a message without control characters", !failure.Message.Any(char.IsControl)),
            ("a value that can be shown",
                failure is not BitsProtocolException { Value: { } value } || (value.Length <= 101 && !value.Any(char.IsControl))),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => rule.Rule);
    }
}
