using BitsClient.Testing.Storage;

namespace BitsClient.Testing.Sessions;

/// <summary>
/// One upload. Packets have a sequence number in the order of arrival; a packet has no effect once a later packet of the session was
/// handled. The bytes of a fragment count only after <see cref="Commit"/>. Thread-safe.
/// </summary>
/// <param name="id">Its id.</param>
/// <param name="path">The destination of the file.</param>
/// <param name="file">The unfinished file.</param>
/// <param name="dialect">The documented behavior to follow.</param>
/// <param name="appends">Whether each fragment is appended, whatever its range says.</param>
/// <param name="connection">The only connection on which the session is known; null if it is known on all.</param>
internal sealed class ServerSession(
    string id, StoragePath path, PartialFile file, BitsServerDialect dialect, bool appends, object? connection)
{
    private readonly object _lock = new();
    private BitsTestSessionState _state = BitsTestSessionState.Open;
    private long _received;
    private long _stored;
    private long _written;
    private long? _total;
    private int _latest;

    public string Id => id;

    public bool IsOpen => Snapshot().State == BitsTestSessionState.Open;

    public long Received => Snapshot().Received;

    public bool IsKnownOn(object other) => connection is null || connection.Equals(other);

    /// <summary>Whether another session with this destination has to wait for the end of this one.</summary>
    public bool Blocks(StoragePath other) => connection is not null && path == other && IsOpen;

    public BitsTestSession Snapshot()
    {
        lock (_lock)
        {
            return new BitsTestSession { Id = id, Path = path.Text, Received = _received, Total = _total, State = _state };
        }
    }

    /// <summary>Prepares for a fragment, of which the first <paramref name="known"/> bytes must not be written again.</summary>
    public Verdict Begin(int sequence, ContentRange range, bool appendAgain, out long known)
    {
        lock (_lock)
        {
            known = _received - range.Start;
            if (Claim(sequence) is var verdict and not Verdict.Accepted)
            {
                return verdict;
            }

            if (_total is { } total && total != range.Total)
            {
                return Verdict.TotalChanged;
            }

            if (appends || (known > 0 && appendAgain))
            {
                known = 0;
            }

            // [MC-BUP] refuses an overlap, Win32 accepts it and writes the new bytes. Both refuse a gap.
            if (known < 0 || (known > 0 && dialect == BitsServerDialect.McBup))
            {
                return Verdict.OutOfPlace;
            }

            _total = range.Total;
            file.TrimTo(_stored);
            _written = 0;
            return Verdict.Accepted;
        }
    }

    /// <summary>Appends bytes of a fragment to the file.</summary>
    public void Write(int sequence, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (sequence == _latest && _state == BitsTestSessionState.Open)
            {
                file.Append(bytes);
                _written += bytes.Length;
            }
        }
    }

    /// <summary>Accepts the bytes that a fragment wrote; the next expected offset becomes <paramref name="next"/>.</summary>
    public Verdict Commit(int sequence, long next)
    {
        lock (_lock)
        {
            if (Claim(sequence) is var verdict and not Verdict.Accepted)
            {
                return verdict;
            }

            _received = appends ? next : Math.Max(_received, next);
            _stored += _written;
            _written = 0;
            if (_received == _total && dialect == BitsServerDialect.Win32)
            {
                file.Complete();
            }

            return Verdict.Accepted;
        }
    }

    public Verdict Close(int sequence)
    {
        lock (_lock)
        {
            if (Claim(sequence) is var verdict and not Verdict.Accepted)
            {
                return verdict;
            }

            if (_received != _total)
            {
                return Verdict.Incomplete;
            }

            file.TrimTo(_stored);
            file.Complete();
            _state = BitsTestSessionState.Closed;
            return Verdict.Accepted;
        }
    }

    public Verdict Cancel(int sequence)
    {
        lock (_lock)
        {
            if (Claim(sequence) is var verdict and not Verdict.Accepted)
            {
                return verdict;
            }

            End(BitsTestSessionState.Canceled);
            return Verdict.Accepted;
        }
    }

    /// <summary>Marks an open session as lost and deletes its unfinished file.</summary>
    public void Lose()
    {
        lock (_lock)
        {
            if (_state == BitsTestSessionState.Open)
            {
                End(BitsTestSessionState.Lost);
            }
        }
    }

    private Verdict Claim(int sequence)
    {
        if (_state != BitsTestSessionState.Open)
        {
            return Verdict.Gone;
        }

        if (sequence < _latest)
        {
            return Verdict.Superseded;
        }

        _latest = sequence;
        return Verdict.Accepted;
    }

    private void End(BitsTestSessionState state)
    {
        _state = state;
        file.Dispose();
    }
}
