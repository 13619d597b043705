using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Properties;

/// <summary>What holds of every session, whatever a server says.</summary>
internal static class MachinePromises
{
    private const int LongestMessage = 2000;

    /// <summary>The promises that a turn broke.</summary>
    public static IEnumerable<string> BrokenBy(UploadState before, BitsPacket packet, bool isSuccess, UploadState after)
    {
        bool isSameSession = before.Session?.Id is not null && after.Earlier.Count == before.Earlier.Count;
        (string Promise, bool Holds)[] promises =
        [
            ("0 <= Offset <= Acknowledged <= HighestSent <= Total",
                after.Session is not { } session || (session.Offset >= 0 && session.Offset <= session.Acknowledged
                    && session.Acknowledged <= session.HighestSent && session.HighestSent <= after.Total)),
            ("Acknowledged never leads HighWater", after.Acknowledged <= after.Budget.HighWater && after.Budget.HighWater >= before.Budget.HighWater),
            ("Acknowledged never falls within a session", !isSameSession || after.Acknowledged >= before.Acknowledged),
            ("the id stays while the session does", !isSameSession || after.Session?.Id == before.Session?.Id),
            ("only an acked Create-Session makes a session", before.Session?.Id is not null || after.Session?.Id is null || (packet is BitsPacket.CreateSession && isSuccess)),
            ("only an acked Close-Session closes", before.Closed || !after.Closed || (packet is BitsPacket.CloseSession && isSuccess)),
            ("fragments stay within the limits", after.Sizing.Size >= Math.Min(before.Sizing.Size, after.Options.MinFragmentSize) && after.Sizing.Size <= after.Options.MaxFragmentSize),
            ("the next packet makes sense", UploadMachine.Next(after) is not BitsPacket.Fragment next || (next.Length > 0 && next.End <= after.Total)),
            ("the account never falls", after.Tally.BytesSent >= before.Tally.BytesSent && after.Tally.BytesResent >= before.Tally.BytesResent && after.Tally.BytesResent <= after.Tally.BytesSent),
        ];
        return promises.Where(promise => !promise.Holds).Select(promise => promise.Promise);
    }

    /// <summary>The promises that a failure broke.</summary>
    public static IEnumerable<string> BrokenBy(BitsUploadException failure)
    {
        (string Promise, bool Holds)[] promises =
        [
            ("a documented type", failure is BitsServerException or BitsProtocolException),
            ("a message of bounded length", failure.Message.Length < LongestMessage),
            ("a message without control characters", !failure.Message.Any(char.IsControl)),
            ("a value that can be shown", failure is not BitsProtocolException { Value: { } value } || (value.Length <= 101 && !value.Any(char.IsControl))),
        ];
        return promises.Where(promise => !promise.Holds).Select(promise => promise.Promise);
    }
}
