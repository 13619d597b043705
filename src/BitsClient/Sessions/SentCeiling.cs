using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// Up to where the saved checkpoint covers what is sent in a session. It covers more than the next fragment, so that fragments do not wait
/// for the store, unless it must be exact. It has no lock of its own; <see cref="CheckpointKeeper"/> calls it under its lock.
/// </summary>
internal sealed class SentCeiling(bool isExact)
{
    // The next fragment and the one after it, which may be twice as large: after that, the next checkpoint is saved.
    private const int SizesAhead = 3;

    // A file of this length is sent again sooner than it pays to save after each of its packets.
    private const long MaxSmallLength = 1024 * 1024;

    private (string? Id, int Number)? _session;
    private long _end;
    private bool _coversLast;
    private bool _isWhole;

    /// <summary>
    /// The saved checkpoint is that of a small file that is sent as one fragment. It says that all of the file may be complete, and that it
    /// is complete is not worth another save.
    /// </summary>
    public bool CoversCompletion(UploadState state) => _isWhole && state.SessionKey == _session && state.IsComplete;

    /// <summary>The first session of a small file that is sent as one fragment was just created.</summary>
    public bool IsNewAndWhole(UploadState state) =>
        state is { Session: { Resumed: false, SendingTo: 0 }, Ledger: { Replaced: 0, Entries.Count: 0 } } && IsSmallAndWhole(state);

    /// <summary>
    /// Whether the saved checkpoint covers the fragment that is about to be sent. For the last one, it has to say that the file may be
    /// complete.
    /// </summary>
    public bool Covers(UploadState sending) =>
        sending.SessionKey == _session && sending.Session!.SendingTo <= _end && (_coversLast || sending.Session.SendingTo < sending.Total);

    /// <summary>The checkpoint to save next: that of a state, which also covers what is sent after it is saved.</summary>
    public BitsUploadCheckpoint Ahead(UploadState state, BitsUploadCheckpoint exact)
    {
        long end = EndAfter(state);
        BitsUploadCheckpoint ahead = exact.BytesSentAtMost < end
            ? exact with { BytesSentAtMost = end, MayBeComplete = exact.MayBeComplete || IsSmallAndWhole(state) }
            : exact;

        // It is about to replace one that may say more.
        _coversLast &= ahead.MayBeComplete;
        return ahead;
    }

    /// <summary>
    /// Up to where the checkpoint has to reach that is saved next. That is no less than what the saved one covers, because a fragment may
    /// be on its way that relies on it.
    /// </summary>
    public long EndAfter(UploadState state)
    {
        if (state.Session is not { } session)
        {
            return 0;
        }

        long known = Math.Max(session.Offset, session.SendingTo);
        long last = IsSmallAndWhole(state) ? state.Total : state.Total - 1;
        long ahead = isExact || known == state.Total ? known : Math.Min(known + (SizesAhead * (long)state.Sizing.Size), last);
        return state.SessionKey == _session ? Math.Max(ahead, _end) : ahead;
    }

    /// <summary>A checkpoint is saved, or is being saved beside what it covers.</summary>
    public void Saved(UploadState state, BitsUploadCheckpoint checkpoint)
    {
        (_session, _end, _coversLast) = (state.SessionKey, checkpoint.BytesSentAtMost ?? 0, checkpoint.MayBeComplete);
        _isWhole = _coversLast && IsSmallAndWhole(state);
    }

    /// <summary>Nothing is covered: the checkpoint could not be saved, or is being replaced by an exact one.</summary>
    public void Drop() => _session = null;

    // The next fragment has all of the file. A reply follows from the last ack, so that one is saved.
    private bool IsSmallAndWhole(UploadState state) =>
        !isExact && !state.WantsReply && state.Offset == 0 && state.Total <= Math.Min(state.Sizing.Size, MaxSmallLength);
}
