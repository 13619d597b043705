namespace BitsClient.Machine;

/// <summary>
/// Whether it is of use to ask a host if a fragment is too large, before its body is sent. After two questions that were of no use it is
/// not asked, and after some fragments it is asked once more, because what stood in the way may be gone. Immutable.
/// </summary>
internal readonly record struct Questions
{
    private const int MaxUseless = 2;
    private const int FirstDistance = 256;

    /// <summary>
    /// How many questions were of no use since the host was last asked again: there was no answer in time, or the fragment was refused
    /// after its body was asked for.
    /// </summary>
    public int Useless { get; init; }

    /// <summary>How many times it was decided to ask again.</summary>
    public int Trials { get; init; }

    /// <summary>How many fragments were acknowledged while the host was not asked.</summary>
    public int Acks { get; init; }

    /// <summary>The question that is being answered is counted in <see cref="Useless"/> already.</summary>
    public bool IsCounted { get; init; }

    /// <summary>It must never be asked: a refusal would close a connection that is authenticated.</summary>
    public bool AreForbidden { get; init; }

    /// <summary>Asking is worth it.</summary>
    public bool MayAsk => !AreForbidden && Useless < MaxUseless;

    /// <summary>From now on, the host is not asked.</summary>
    public Questions Off => this with { Useless = MaxUseless, Acks = 0 };

    /// <summary>A question was of no use.</summary>
    public Questions WithUseless() => this with { Useless = Useless + 1, Acks = 0 };

    /// <summary>A fragment was acknowledged. After 256 of them, and then each time twice as many, the host is asked once more.</summary>
    public Questions WithAck() => (MayAsk || AreForbidden, Acks + 1 < (long)FirstDistance << Math.Min(Trials, 20)) switch
    {
        (true, _) => this,
        (false, true) => this with { Acks = Acks + 1 },
        _ => this with { Useless = MaxUseless - 1, Trials = Trials + 1, Acks = 0 },
    };

    /// <summary>What is known of a host if two uploads have learned these.</summary>
    public static Questions Latest(Questions one, Questions other) =>
        (one.AreForbidden, one.Trials, one.Useless, one.Acks).CompareTo((other.AreForbidden, other.Trials, other.Useless, other.Acks)) < 0
            ? other
            : one;
}
