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
        bool isSameSession = before.SessionId is not null && after.Restarts == before.Restarts;
        (string Promise, bool Holds)[] promises =
        [
            ("0 <= Offset <= Acknowledged <= HighestSent <= Total",
                after.Offset >= 0 && after.Offset <= after.Acknowledged && after.Acknowledged <= after.HighestSent && after.HighestSent <= after.Total),
            ("Acknowledged never leads HighWater", after.Acknowledged <= after.HighWater && after.HighWater >= before.HighWater),
            ("Acknowledged never falls within a session", !isSameSession || after.Acknowledged >= before.Acknowledged),
            ("the id stays while the session does", !isSameSession || after.SessionId == before.SessionId),
            ("only an acked Create-Session makes a session", before.SessionId is not null || after.SessionId is null || (packet is BitsPacket.CreateSession && isSuccess)),
            ("only an acked Close-Session closes", before.Closed || !after.Closed || (packet is BitsPacket.CloseSession && isSuccess)),
            ("fragments stay within the limits", after.FragmentSize >= Math.Min(before.FragmentSize, after.Rules.MinFragmentSize) && after.FragmentSize <= after.Rules.MaxFragmentSize),
            ("the next packet makes sense", UploadMachine.Next(after) is not BitsPacket.Fragment next || (next.Length > 0 && next.End <= after.Total)),
            ("the account never falls", after.BytesSent >= before.BytesSent && after.BytesResent >= before.BytesResent && after.BytesResent <= after.BytesSent),
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
