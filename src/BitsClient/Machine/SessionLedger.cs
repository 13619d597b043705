namespace BitsClient.Machine;

/// <summary>
/// The sessions that the upload had before its current one, each with the last word about it. The outcome of a cancel is computed from all
/// of them. Immutable.
/// </summary>
internal sealed record SessionLedger
{
    /// <summary>The upload had no session before the current one.</summary>
    public static SessionLedger Empty { get; } = new();

    public IReadOnlyList<LedgerEntry> Entries { get; init; } = [];

    /// <summary>How many sessions were replaced.</summary>
    public int Replaced { get; init; }

    /// <summary>One may have ended with the whole file stored.</summary>
    public bool MayBeStored { get; init; }

    /// <summary>One was lost after every byte was acknowledged and Close-Session was sent.</summary>
    public bool CloseWasSent { get; init; }

    /// <summary>One may still be open.</summary>
    public bool MayBeOpen => Entries.Any(entry => entry.MayBeOpen);

    /// <summary>Those that may still be open and can be ended.</summary>
    public IEnumerable<LedgerEntry> ToEnd => Entries.Where(entry => entry.CanBeEnded);

    public SessionLedger With(LedgerEntry entry) => this with { Entries = [.. Entries, entry] };

    /// <summary>The server at this URL has ended a session.</summary>
    public SessionLedger WithEnded(Uri target, string id, SessionFate fate) => this with
    {
        Entries = [.. Entries.Select(entry => entry.Target == target && entry.Id == id ? entry with { Fate = fate } : entry)],
    };
}
