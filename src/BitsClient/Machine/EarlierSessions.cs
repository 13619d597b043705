namespace BitsClient.Machine;

/// <summary>What still matters about the sessions that the upload had before its current one. Immutable.</summary>
internal sealed record EarlierSessions
{
    /// <summary>How many there were.</summary>
    public int Count { get; init; }

    /// <summary>
    /// One may still be open: its id is unknown, because Create-Session got no clear answer, or the server refused to end it.
    /// </summary>
    public bool MayBeOpen { get; init; }

    /// <summary>One may have ended with the whole file stored.</summary>
    public bool MayBeStored { get; init; }
}
