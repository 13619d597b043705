namespace BitsClient.Protocol;

/// <summary>A packet as a value, without its URL and its bytes. Immutable.</summary>
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

    /// <summary>It ends another session of the upload than the current one, and says nothing about that one.</summary>
    public bool EndsOtherSession => this is CancelSession { Target: not null };

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

    /// <summary>
    /// MC-BUP 2.2.5. <paramref name="Length"/> bytes from <paramref name="Offset"/>, of a file of <paramref name="Total"/> bytes.
    /// </summary>
    public sealed record Fragment(string SessionId, string? ContentName, long Offset, long Length, long Total) : BitsPacket
    {
        /// <summary>
        /// It is one byte that the server has acknowledged. The ack shows whether the server keeps the offset of a session, or stores
        /// whatever it is sent.
        /// </summary>
        public bool IsProbe { get; init; }

        /// <summary>
        /// The server is asked whether it accepts the fragment before the body is sent (Expect: 100-continue), because one of this size may
        /// be too large for it.
        /// </summary>
        public bool AsksFirst { get; init; }

        public override BitsPacketType Type => BitsPacketType.Fragment;

        /// <summary>The offset after the last byte.</summary>
        public long End => Offset + Length;

        public bool IsLast => End == Total;
    }

    /// <summary>Not a packet, but the GET of the reply between the last fragment and Close-Session (MC-BUP 3.1).</summary>
    public sealed record GetReply(string SessionId, Uri Url) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.GetReply;
    }

    /// <summary>MC-BUP 2.2.7.</summary>
    public sealed record CloseSession(string SessionId, string? ContentName) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.CloseSession;
    }

    /// <summary>MC-BUP 2.2.9. It goes to <paramref name="Target"/>, or if that is null, where the upload's other packets go.</summary>
    public sealed record CancelSession(string SessionId, Uri? Target = null) : BitsPacket
    {
        public override BitsPacketType Type => BitsPacketType.CancelSession;
    }
}
