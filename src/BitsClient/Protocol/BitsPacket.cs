namespace BitsClient.Protocol;

/// <summary>A request of the protocol as a value: everything but the URL and the bytes.</summary>
internal abstract record BitsPacket
{
    private BitsPacket()
    {
    }

    public abstract BitsPacketType Type { get; }

    /// <summary>The session id in the packet; null for a packet that has none.</summary>
    public string? SessionIdOrNull => this switch
    {
        Fragment fragment => fragment.SessionId,
        GetReply get => get.SessionId,
        CloseSession close => close.SessionId,
        CancelSession cancel => cancel.SessionId,
        _ => null,
    };

    /// <summary>MC-BUP 2.2.11.</summary>
    public sealed record Ping : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.Ping;
    }

    /// <summary>MC-BUP 2.2.2.</summary>
    public sealed record CreateSession(string? ContentName) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.CreateSession;
    }

    /// <summary>MC-BUP 2.2.5. The bytes from <paramref name="Offset"/> on, <paramref name="Length"/> of them, of a file of <paramref name="Total"/>.</summary>
    public sealed record Fragment(string SessionId, string? ContentName, long Offset, long Length, long Total) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.Fragment;

        /// <summary>One past the last byte carried.</summary>
        public long End => Offset + Length;

        public bool IsLast => End == Total;
    }

    /// <summary>No packet but the GET that takes an upload-reply's place between the last fragment and Close-Session (MC-BUP 3.1).</summary>
    public sealed record GetReply(string SessionId, Uri Url) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.GetReply;
    }

    /// <summary>MC-BUP 2.2.7.</summary>
    public sealed record CloseSession(string SessionId, string? ContentName) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.CloseSession;
    }

    /// <summary>MC-BUP 2.2.9.</summary>
    public sealed record CancelSession(string SessionId) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.CancelSession;
    }
}
