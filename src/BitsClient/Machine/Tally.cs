namespace BitsClient.Machine;

/// <summary>What the job reports of its work, over all sessions of the upload. Immutable.</summary>
internal sealed record Tally
{
    /// <summary>Nothing was sent.</summary>
    public static Tally Zero { get; } = new();

    /// <summary>Fragments acknowledged.</summary>
    public int Fragments { get; init; }

    /// <summary>Packets that were sent again.</summary>
    public int Retries { get; init; }

    /// <summary>Bytes of the file that were handed to the network, those sent again included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes of <see cref="BytesSent"/> that had been sent before, in any session.</summary>
    public long BytesResent { get; init; }

    /// <summary>One past the highest byte that was ever sent, in any session.</summary>
    public long HighestSent { get; init; }

    /// <summary>Counts a part of the file that was handed to the network.</summary>
    public Tally WithSent(long offset, SentContent sent) => this with
    {
        BytesSent = BytesSent + sent.Bytes,
        BytesResent = BytesResent + Math.Clamp(HighestSent - offset, 0, sent.Furthest) + (sent.Bytes - sent.Furthest),
        HighestSent = Math.Max(HighestSent, offset + sent.Furthest),
    };
}
