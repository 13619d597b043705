namespace BitsClient.Machine;

/// <summary>A session that the upload opened, or may have opened, and no longer uses. Immutable.</summary>
/// <param name="Target">The URL at which it was acknowledged. Only that server can say that it has ended.</param>
/// <param name="Id">Its id; null if no answer named it.</param>
/// <param name="Fate">The last word about it.</param>
internal sealed record LedgerEntry(Uri Target, string? Id, SessionFate Fate)
{
    /// <summary>It may still be on the server.</summary>
    public bool MayBeOpen => Fate is SessionFate.Open or SessionFate.Unknown;

    /// <summary>It may still be on the server, and Cancel-Session can end it.</summary>
    public bool CanBeEnded => MayBeOpen && Id is not null;
}
