using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>All that is known of one upload between two packets. The machine alone makes new ones.</summary>
internal sealed record UploadState
{
    /// <summary>The destination, as the caller gave it.</summary>
    public required Uri Url { get; init; }

    public required MachineOptions Rules { get; init; }

    /// <summary>The file's name, ready for a header; null for none.</summary>
    public string? ContentName { get; init; }

    public UploadIdentity Identity { get; init; } = new();

    /// <summary>The length of the file.</summary>
    public long Total { get; init; }

    // The session.

    /// <summary>The server's name of the session; null while there is none.</summary>
    public string? SessionId { get; init; }

    /// <summary>
    /// The server may keep an earlier session that nobody will end: one whose name nobody knows, because its Create-Session got no clear answer, or
    /// one whose end it refused.
    /// </summary>
    public bool SessionMayBeLeft { get; init; }

    /// <summary>The session is of no more use: it is to be canceled, and another takes its place.</summary>
    public bool Discarding { get; init; }

    /// <summary>No other session takes its place: it is ended because nobody wants the upload any more.</summary>
    public bool IsLast { get; init; }

    /// <summary>The host that the server named for the session's packets; null where they go to the <see cref="Url"/>.</summary>
    public SessionHost? Host { get; init; }

    /// <summary>That host was not spoken to yet: a Ping comes first (MC-BUP note 9).</summary>
    public bool PingDue { get; init; }

    /// <summary>When that host first failed to answer, if it may be left for it; null since any answer.</summary>
    public TimeSpan? UnreachedSince { get; init; }

    public bool Closed { get; init; }

    public bool Canceled { get; init; }

    // The offset.

    /// <summary>The next offset the server wants, by its last word.</summary>
    public long Offset { get; init; }

    /// <summary>The highest <see cref="Offset"/> of the session: what the server has acknowledged.</summary>
    public long Acknowledged { get; init; }

    /// <summary>The highest <see cref="Acknowledged"/> of all sessions of this upload.</summary>
    public long HighWater { get; init; }

    /// <summary>One past the highest byte that may ever have reached the server in this session.</summary>
    public long HighestSent { get; init; }

    /// <summary>Another process has sent some of the file, and how much is unknown until the server has told its offset.</summary>
    public bool Resumed { get; init; }

    /// <summary>The file's last bytes have left, and no ack has told since what the server has of them.</summary>
    public bool LastFragmentUnanswered { get; init; }

    /// <summary>An earlier session of this upload may have ended with the whole file stored.</summary>
    public bool EarlierMayBeStored { get; init; }

    /// <summary>A fragment failed, so that nobody knows how much of it the server has: a small one is to find out.</summary>
    public bool Doubtful { get; init; }

    // The reply.

    /// <summary>The upload is an upload-reply: before the session is closed, the server's reply is downloaded.</summary>
    public bool WantsReply { get; init; }

    /// <summary>Where the reply is, by the last fragment's ack.</summary>
    public Uri? ReplyUrl { get; init; }

    /// <summary>The whole reply is here.</summary>
    public bool ReplyReceived { get; init; }

    /// <summary>The most of the reply that was ever here.</summary>
    public long ReplyHighWater { get; init; }

    // The size of fragments.

    /// <summary>The most bytes the next fragment carries.</summary>
    public int FragmentSize { get; init; }

    /// <summary>Bigger ones did not get through; null while none was refused.</summary>
    public int? SizeLimit { get; init; }

    public int AcksAtLimit { get; init; }

    public long LargestAccepted { get; init; }

    // Patience.

    /// <summary>Acks in a row that moved <see cref="Acknowledged"/> nowhere.</summary>
    public int AcksWithoutProgress { get; init; }

    /// <summary>Retries since the last progress.</summary>
    public int RetriesWithoutProgress { get; init; }

    /// <summary>Sessions begun anew since the upload last got further than ever.</summary>
    public int RestartsWithoutProgress { get; init; }

    /// <summary>The last answer asked for authentication.</summary>
    public bool Challenged { get; init; }

    /// <summary>The status of the last answer; null before there was one.</summary>
    public HttpStatusCode? LastStatus { get; init; }

    // The account.

    /// <summary>Fragments acknowledged.</summary>
    public int Fragments { get; init; }

    /// <summary>Sessions that this upload had before the one it has now, or is about to have.</summary>
    public int Restarts { get; init; }

    /// <summary>Packets that had to be sent again.</summary>
    public int Retries { get; init; }

    public long BytesSent { get; init; }

    public long BytesResent { get; init; }

    /// <summary>No offset beyond it is believed: never skip bytes on a server's word alone.</summary>
    public long HighestBelieved => Resumed ? Total : HighestSent;

    /// <summary>A fragment, or a part of it, may have arrived without the server having told so.</summary>
    public bool IsHalfSent => HighestBelieved > Offset;

    /// <summary>Where the packets go.</summary>
    public Uri Target => Host?.Target ?? Url;

    /// <summary>The server has every byte.</summary>
    public bool IsComplete => SessionId is not null && Offset == Total;

    /// <summary>The server has every byte, and its reply is not here yet.</summary>
    public bool IsReplyDue => IsComplete && WantsReply && !ReplyReceived;

    /// <summary>The server may have the whole file at its destination, whatever it says to a cancel (MC-BUP 3.1.5, Win32 Cancel-Session).</summary>
    public bool MayBeStored => IsComplete || LastFragmentUnanswered || EarlierMayBeStored;

    /// <summary>Whether there is a session on the server to cancel.</summary>
    public bool IsOpen => SessionId is not null && !Closed && !Canceled;

    /// <summary>What is left of the upload once no session is open; null while one is. It claims no more than the server confirmed.</summary>
    public BitsCancelOutcome? Outcome => this switch
    {
        { IsOpen: true } => null,
        { Closed: true } => BitsCancelOutcome.AlreadyCompleted,

        // The file is with the application behind the server; what was left, and canceled, is its reply (Win32 Cancel-Session).
        { Canceled: true, IsReplyDue: true } => BitsCancelOutcome.ReplyCanceled,
        { MayBeStored: true } or { SessionMayBeLeft: true } => BitsCancelOutcome.Unconfirmed,
        { Canceled: true } => BitsCancelOutcome.SessionCanceled,
        _ => BitsCancelOutcome.NotStarted,
    };

    /// <summary>The session that a caller kept the facts of.</summary>
    /// <exception cref="ArgumentException">They make no sense.</exception>
    public static UploadState From(BitsUploadCheckpoint state, MachineOptions rules)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(state));
        }

        return new UploadState
        {
            Url = state.Url,
            Identity = new UploadIdentity { Id = state.Id, CreatedAt = state.CreatedAt, Source = state.Source, ReplyPath = state.ReplyPath },
            Host = state.HostId is null ? null : new SessionHost(state.HostId, BitsHostId.Place(state.Url, state.HostId)!, state.HostIdFallback),
            Rules = rules,
            Total = state.BytesTotal,
            SessionId = state.SessionId,
            Offset = state.BytesAcknowledged,
            Acknowledged = state.BytesAcknowledged,
            HighWater = state.BytesAcknowledged,
            HighestSent = state.MayBeComplete ? state.BytesTotal : state.BytesAcknowledged,
            LastFragmentUnanswered = state.MayBeComplete,
            Discarding = state.NeedsNewSession,
            WantsReply = state.ExpectsReply,
            ReplyUrl = state.ReplyUrl,
            ReplyReceived = state.IsReplyReceived,
            EarlierMayBeStored = state.EarlierSessionIsUncertain,
        };
    }

    /// <summary>The facts a caller may keep; null when no session is open.</summary>
    public BitsUploadCheckpoint? Snapshot() => IsOpen
        ? new BitsUploadCheckpoint
        {
            Id = Identity.Id,
            CreatedAt = Identity.CreatedAt,
            UpdatedAt = Identity.CreatedAt,
            Url = Url,
            Source = Identity.Source,
            SessionId = SessionId!,
            HostId = Host?.Id,
            HostIdFallback = Host?.Fallback,
            BytesAcknowledged = Offset,
            BytesTotal = Total,
            ExpectsReply = WantsReply,
            ReplyUrl = ReplyUrl,
            IsReplyReceived = ReplyReceived,
            ReplyPath = Identity.ReplyPath,
            NeedsNewSession = Discarding,
            MayBeComplete = IsComplete || LastFragmentUnanswered,
            EarlierSessionIsUncertain = EarlierMayBeStored || SessionMayBeLeft,
        }
        : null;
}
