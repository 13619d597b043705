using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>All that is known of one upload between two packets. The machine alone makes new ones.</summary>
internal sealed record SessionState
{
    public required Uri Url { get; init; }

    /// <summary>The file's name, ready for a header; null for none.</summary>
    public string? ContentName { get; init; }

    /// <summary>The length of the file.</summary>
    public long Total { get; init; }

    /// <summary>The most bytes the next fragment carries.</summary>
    public int FragmentSize { get; init; }

    /// <summary>The server's name of the session; null while there is none.</summary>
    public string? SessionId { get; init; }

    /// <summary>A Create-Session went out and nothing came back: the server may keep a session whose name nobody knows.</summary>
    public bool CreateUnanswered { get; init; }

    /// <summary>The next offset the server wants, by its last word.</summary>
    public long Offset { get; init; }

    /// <summary>The highest <see cref="Offset"/> of the session: what the server has acknowledged.</summary>
    public long Acknowledged { get; init; }

    /// <summary>One past the highest byte that may ever have reached the server in this session. No offset beyond it is believed.</summary>
    public long HighestSent { get; init; }

    /// <summary>The file's last bytes have left, and no ack has told since what the server has of them.</summary>
    public bool LastFragmentUnanswered { get; init; }

    /// <summary>Acks in a row that moved <see cref="Acknowledged"/> nowhere.</summary>
    public int AcksWithoutProgress { get; init; }

    public bool Closed { get; init; }

    public bool Canceled { get; init; }

    /// <summary>Fragments acknowledged.</summary>
    public int Fragments { get; init; }

    public long BytesSent { get; init; }

    public long BytesResent { get; init; }

    /// <summary>The server has every byte.</summary>
    public bool IsComplete => Offset == Total;

    /// <summary>Whether there is a session on the server to cancel.</summary>
    public bool IsOpen => SessionId is not null && !Closed && !Canceled;

    /// <summary>The session that a caller kept the facts of.</summary>
    /// <exception cref="ArgumentException">They make no sense.</exception>
    public static SessionState From(BitsUploadState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        BitsUrl.ThrowIfUnusable(state.Url, nameof(state));
        if (!UploadMachine.IsSessionId(state.SessionId) || state.BytesTotal < 1 || state.BytesAcknowledged < 0 || state.BytesAcknowledged > state.BytesTotal)
        {
            throw new ArgumentException("The state names no session, or its numbers do not fit each other.", nameof(state));
        }

        return new SessionState
        {
            Url = state.Url,
            Total = state.BytesTotal,
            SessionId = state.SessionId,
            Offset = state.BytesAcknowledged,
            Acknowledged = state.BytesAcknowledged,
            HighestSent = state.BytesAcknowledged,
        };
    }

    /// <summary>The facts a caller may keep; null when no session is open.</summary>
    public BitsUploadState? Snapshot() => IsOpen
        ? new BitsUploadState { Url = Url, SessionId = SessionId!, BytesAcknowledged = Acknowledged, BytesTotal = Total }
        : null;
}
