namespace BitsClient.Machine;

/// <summary>What the client knows about the server's session. It is lost with the session. Immutable.</summary>
internal sealed record OpenSession
{
    /// <summary>The id that the server gave the session.</summary>
    public required string Id { get; init; }

    /// <summary>The session can no longer be used: it is to be canceled, and a new one replaces it.</summary>
    public bool Discarding { get; init; }

    /// <summary>The host that the server named for the session's packets; null if they go to the URL's own host.</summary>
    public SessionHost? Host { get; init; }

    /// <summary>A packet may have reached <see cref="Host"/>: the session may be there even after the upload leaves the host.</summary>
    public bool HostWasReached { get; init; }

    /// <summary>
    /// The host has acknowledged a packet of the session. Until then, only the host of the URL can say that the session is gone.
    /// </summary>
    public bool HostAcked { get; init; }

    /// <summary>A Ping has to be sent first, because the server named a host, or the session is resumed (MC-BUP note 9).</summary>
    public bool PingDue { get; init; }

    /// <summary>When the named host first did not answer, if the session may leave it for that; null after any answer of it.</summary>
    public TimeSpan? UnreachedSince { get; init; }

    /// <summary>The offset of the next byte that the server wants, as it last reported.</summary>
    public long Offset { get; init; }

    /// <summary>The highest <see cref="Offset"/> of the session.</summary>
    public long Acknowledged { get; init; }

    /// <summary>One past the last byte of the fragment that is being sent; 0 while none is.</summary>
    public long SendingTo { get; init; }

    /// <summary>One past the highest byte that may have reached the server in this session.</summary>
    public long HighestSent { get; init; }

    /// <summary>The session comes from a checkpoint, and the server has not reported its offset since.</summary>
    public bool Resumed { get; init; }

    /// <summary>The last bytes of the file were sent, and no ack has reported since whether the server has them.</summary>
    public bool LastFragmentUnanswered { get; init; }

    /// <summary>A fragment failed, so it is unknown how much of it the server has: a probe or a small fragment finds out.</summary>
    public bool Doubtful { get; init; }

    /// <summary>How long the fragment was that failed; 0 if something else put the offset in doubt.</summary>
    public long DoubtfulLength { get; init; }

    /// <summary>A probe got an answer that says nothing about offsets: the upload continues without one.</summary>
    public bool IsProbeUseless { get; init; }

    /// <summary>The answer to the last probe, if another has to confirm it; null if there was none.</summary>
    public long? ProbedOffset { get; init; }

    /// <summary>No fragment was acknowledged since the run began: the server may not know the session anymore.</summary>
    public bool IsUnproven { get; init; }

    /// <summary>Acks since the last progress that set the upload back, or left it where it was.</summary>
    public int AcksWithoutProgress { get; init; }

    /// <summary>The URL of the reply, as the ack of the last fragment specified it.</summary>
    public Uri? ReplyUrl { get; init; }

    /// <summary>The whole reply was downloaded.</summary>
    public bool ReplyReceived { get; init; }

    /// <summary>The most bytes of the reply that were ever downloaded.</summary>
    public long ReplyHighWater { get; init; }
}
