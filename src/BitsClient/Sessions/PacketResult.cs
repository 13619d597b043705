namespace BitsClient.Sessions;

/// <summary>How the exchange of one packet ended: it was acknowledged, it failed, or it was abandoned before its ack.</summary>
internal readonly record struct PacketResult
{
    /// <summary>The server acknowledged the packet.</summary>
    public static PacketResult Acknowledged => default;

    /// <summary>The request was abandoned; whether the packet arrived is unknown.</summary>
    public static PacketResult Abandoned => new() { IsAbandoned = true };

    /// <summary>Why the packet failed; null if it did not.</summary>
    public BitsUploadException? Failure { get; private init; }

    public bool IsAbandoned { get; private init; }

    public static PacketResult Failed(BitsUploadException failure) => new() { Failure = failure };
}
