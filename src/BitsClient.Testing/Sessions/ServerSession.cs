using BitsClient.Testing.Storage;

namespace BitsClient.Testing.Sessions;

/// <summary>
/// One upload. Its packets are numbered in their order of arrival, and once a packet was handled, an earlier one that is still
/// on its way has no effect. A fragment's bytes count only when it is complete. Thread-safe.
/// </summary>
internal sealed class ServerSession(string id, StoragePath path, PartialFile file, BitsServerDialect dialect)
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

    public BitsTestSession Snapshot()
    {
        lock (_lock)
        {
            return new BitsTestSession { Id = id, Path = path.Text, Received = _received, Total = _total, State = _state };
        }
    }

    /// <summary>Makes ready for a fragment's bytes, of which the first <paramref name="known"/> are there and not to be written again.</summary>
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

            if (known > 0 && appendAgain)
            {
                known = 0;
            }

            // [MC-BUP] refuses an overlap, Win32 takes its new tail; neither takes a gap.
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

    /// <summary>Counts what a fragment brought, up to the offset <paramref name="next"/>.</summary>
    public Verdict Commit(int sequence, long next)
    {
        lock (_lock)
        {
            if (Claim(sequence) is var verdict and not Verdict.Accepted)
            {
                return verdict;
            }

            _received = Math.Max(_received, next);
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

    /// <summary>Forgets the session with its unfinished file.</summary>
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
