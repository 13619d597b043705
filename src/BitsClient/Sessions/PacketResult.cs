namespace BitsClient.Sessions;

/// <summary>How the exchange of one packet ended: it was acknowledged, it failed, or it was abandoned before its ack.</summary>
internal readonly record struct PacketResult
{
    /// <summary>The server acknowledged the packet.</summary>
    public static PacketResult Acknowledged => default;

    /// <summary>Why the packet failed; null if it did not.</summary>
    public BitsUploadException? Failure { get; private init; }

    /// <summary>What ended the request before its ack; null if nothing did. It is unknown whether the packet arrived.</summary>
    public OperationCanceledException? Abandonment { get; private init; }

    public static PacketResult Failed(BitsUploadException failure) => new() { Failure = failure };

    public static PacketResult Abandoned(OperationCanceledException abandonment) => new() { Abandonment = abandonment };
}
