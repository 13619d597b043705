namespace BitsClient.Machine;

/// <summary>A session that the upload opened, or may have opened, and no longer uses. Immutable.</summary>
/// <param name="Target">The URL at which it was acknowledged. Only that server can say that it has ended.</param>
/// <param name="Id">Its id; null if no answer named it.</param>
/// <param name="Fate">The last word about it.</param>
/// <param name="Number">
/// How many sessions the upload had before it, because a server may give two of them the same id; null if that is not known.
/// </param>
internal sealed record LedgerEntry(Uri Target, string? Id, SessionFate Fate, int? Number = null)
{
    /// <summary>It may still be on the server.</summary>
    public bool MayBeOpen => Fate is SessionFate.Open or SessionFate.Unknown;

    /// <summary>It may still be on the server, and Cancel-Session can end it.</summary>
    public bool CanBeEnded => MayBeOpen && Id is not null;
}
