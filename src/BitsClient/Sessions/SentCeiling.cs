using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// Up to where the saved checkpoint covers what is sent in a session. If fragments follow fast, it covers more than the next one, so that
/// not each of them waits for the store; unless it must be exact. It has no lock of its own; <see cref="CheckpointKeeper"/> calls it under
/// its lock.
/// </summary>
internal sealed class SentCeiling(TimeSpan interval, TimeProvider time, bool isExact = false)
{
    private (string? Id, int Number)? _session;
    private long _end;
    private long _ahead;
    private long _raisedAt;

    /// <summary>Whether the saved checkpoint covers the fragment that is about to be sent.</summary>
    public bool Covers(UploadState sending) => sending.SessionKey == _session && sending.Session!.SendingTo <= _end;

    /// <summary>The checkpoint that is saved next covers the fragment that is about to be sent, and perhaps more.</summary>
    public void Raise(UploadState sending)
    {
        OpenSession session = sending.Session!;
        bool followsFast = !isExact && sending.SessionKey == _session && time.GetElapsedTime(_raisedAt) < interval;
        _ahead = followsFast ? Math.Max(2 * _ahead, session.SendingTo - session.Offset) : 0;
        _raisedAt = time.GetTimestamp();
        _session = sending.SessionKey;

        // The last fragment is never covered ahead, because sending it means that the file may be complete.
        _end = session.SendingTo == sending.Total ? sending.Total : Math.Min(session.SendingTo + _ahead, sending.Total - 1);
    }

    /// <summary>
    /// The checkpoint that is saved next covers the fragment that is likely to be sent next. If no later one can be saved, it does not
    /// claim that nothing was sent after it.
    /// </summary>
    public void RaiseToNext(UploadState state)
    {
        if (state.Session is { } session)
        {
            long end = isExact ? session.Offset : Math.Min(session.Offset + state.Sizing.Size, state.Total - 1);
            (_session, _end, _ahead, _raisedAt) = (state.SessionKey, Math.Max(session.Offset, end), 0, time.GetTimestamp());
        }
    }

    /// <summary>The checkpoint that is saved next is exact, and covers nothing that is sent later.</summary>
    public void Drop() => _session = null;

    public BitsUploadCheckpoint AddTo(BitsUploadCheckpoint checkpoint, UploadState state) =>
        state.SessionKey == _session && checkpoint.BytesSentAtMost < _end ? checkpoint with { BytesSentAtMost = _end } : checkpoint;
}
