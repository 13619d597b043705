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

    private (string? Id, int Number)? _session;
    private long _end;

    /// <summary>
    /// Whether the saved checkpoint covers the fragment that is about to be sent. The last one needs a checkpoint of its own each time it
    /// is sent, because only that one says that the file may be complete.
    /// </summary>
    public bool Covers(UploadState sending) =>
        sending.SessionKey == _session && sending.Session!.SendingTo <= _end && sending.Session.SendingTo < sending.Total;

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
        long ahead = isExact || known == state.Total
            ? known
            : Math.Min(known + (SizesAhead * (long)state.Sizing.Size), state.Total - 1);
        return state.SessionKey == _session ? Math.Max(ahead, _end) : ahead;
    }

    /// <summary>A checkpoint is saved.</summary>
    public void Saved(UploadState state, BitsUploadCheckpoint checkpoint) =>
        (_session, _end) = (state.SessionKey, checkpoint.BytesSentAtMost ?? 0);

    /// <summary>Nothing is covered: the checkpoint could not be saved, or is being replaced by an exact one.</summary>
    public void Drop() => _session = null;
}
