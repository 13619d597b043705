using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>Turns the state of an upload into the checkpoint that is saved of it, and back.</summary>
internal static class CheckpointMapping
{
    /// <summary>The upload that a checkpoint describes.</summary>
    /// <exception cref="ArgumentException">The checkpoint is not valid.</exception>
    public static UploadState ToState(BitsUploadCheckpoint checkpoint, MachineOptions options)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (CheckpointErrors.Find(checkpoint) is { } error)
        {
            throw new ArgumentException(error, nameof(checkpoint));
        }

        return new UploadState
        {
            Url = checkpoint.Url,
            Options = options,
            Identity = new UploadIdentity
            {
                Id = checkpoint.Id,
                CreatedAt = checkpoint.CreatedAt,
                Source = checkpoint.Source,
                ReplyPath = checkpoint.ReplyPath,
                Description = checkpoint.Description,
            },
            TraceParent = checkpoint.TraceParent,
            Total = checkpoint.BytesTotal,
            WantsReply = checkpoint.ExpectsReply,
            Session = checkpoint.SessionId is null ? null : SessionOf(checkpoint, checkpoint.SessionId),
            Ledger = AsOf(SessionLedger.Empty, checkpoint),
            Budget = new RetryBudget { HighWater = checkpoint.BytesAcknowledged },
            Tally = new Tally { HighestSent = checkpoint.MayBeComplete ? checkpoint.BytesTotal : checkpoint.BytesAcknowledged },
            Sizing = SizingOf(checkpoint),
        };
    }

    /// <summary>How many bytes, from the start, may have been sent in the session of a checkpoint.</summary>
    public static long SentAtMost(BitsUploadCheckpoint checkpoint) =>
        checkpoint.MayBeComplete ? checkpoint.BytesTotal : checkpoint.BytesSentAtMost ?? checkpoint.BytesTotal;

    /// <summary>
    /// The upload that a checkpoint describes, of a source that has changed since: it begins anew, and its session is canceled first.
    /// </summary>
    public static UploadState ToNewUpload(UploadState saved, BitsSourceFingerprint source) => saved with
    {
        Identity = saved.Identity with { Source = source },
        Total = source.Length,
        Session = saved.Session is { } session
            ? session with
            {
                Discarding = true,
                Resumed = true,
                Offset = 0,
                Acknowledged = 0,
                HighestSent = 0,
                LastFragmentUnanswered = false,
            }
            : null,

        // What may be stored are bytes that the source no longer has.
        Ledger = saved.Ledger with { MayBeStored = false },
        Budget = new RetryBudget(),
        Tally = new Tally(),
    };

    /// <summary>The checkpoint of the upload; null if no session is left. CheckpointKeeper adds the current time and the hash.</summary>
    public static BitsUploadCheckpoint? ToCheckpoint(UploadState state)
    {
        if (!state.IsAnyOpen)
        {
            return null;
        }

        BitsUploadCheckpoint checkpoint = new()
        {
            Id = state.Identity.Id,
            CreatedAt = state.Identity.CreatedAt,
            UpdatedAt = state.Identity.CreatedAt,
            Url = state.Url,
            Source = state.Identity.Source,
            BytesAcknowledged = 0,
            BytesTotal = state.Total,
            ExpectsReply = state.WantsReply,
            ReplyPath = state.Identity.ReplyPath,
            Description = state.Identity.Description,
            TraceParent = state.TraceParent,
            OtherSessions = [.. state.Ledger.Entries.Where(entry => entry.MayBeOpen).Select(OtherSessionOf)],
            EarlierSessionMayBeComplete = state.Ledger.MayBeStored || (!state.IsOpen && state.MayBeStored),
        };
        return state is { IsOpen: true, Session: { } session } ? WithSession(checkpoint, state, session) : checkpoint;
    }

    /// <summary>
    /// The upload, whose session another run may have continued since its checkpoint was read: what the latest checkpoint of the session
    /// says of it, unless that is the older one, because a later one could not be saved.
    /// </summary>
    public static UploadState Updated(UploadState state, BitsUploadCheckpoint latest) =>
        state.Session is { Discarding: false } session && latest.BytesAcknowledged >= session.Offset && IsUsable(state, latest)
            ? state with
            {
                Session = AsOf(session, latest),
                Ledger = AsOf(state.Ledger, latest),
                Sizing = state.Sizing with { KeepsOffsets = state.Sizing.KeepsOffsets ?? latest.ServerKeepsOffsets },
            }
            : state;

    /// <summary>
    /// Whether a checkpoint of an earlier state lacks nothing but the offset, which the server reports when the upload is resumed, and what
    /// it has learned about the size of fragments.
    /// </summary>
    public static bool DiffersOnlyInOffset(UploadState state, UploadState? saved) =>
        state.MayBeStored == saved?.MayBeStored && DiffersOnlyInProgress(state, saved);

    /// <summary>The same, or that the file may be complete.</summary>
    public static bool DiffersOnlyInProgress(UploadState state, UploadState? saved) =>
        saved is { Session: { } before } && state.Session is { } now && state.SessionKey == saved.SessionKey && now.Host == before.Host
        && now.Discarding == before.Discarding && now.ReplyUrl == before.ReplyUrl
        && now.ReplyReceived == before.ReplyReceived && state.Sizing.KeepsOffsets == saved.Sizing.KeepsOffsets
        && state.TraceParent == saved.TraceParent && ReferenceEquals(state.Ledger.Entries, saved.Ledger.Entries);

    private static bool IsUsable(UploadState state, BitsUploadCheckpoint latest) => CheckpointErrors.Find(latest) is null
        && (latest.ReplyUrl is not { } reply || ReplyRules.ObjectionTo(state, reply) is null);

    private static BitsUploadCheckpoint WithSession(BitsUploadCheckpoint checkpoint, UploadState state, OpenSession session) =>
        checkpoint with
        {
            SessionId = session.Id,
            HostId = session.Host?.Id,
            HostIdFallback = session.Host?.Fallback,
            BytesAcknowledged = session.Offset,
            BytesSentAtMost = SentAtMost(state, session),
            ServerKeepsOffsets = state.Sizing.KeepsOffsets,
            LargestFragmentAccepted = state.Sizing.Accepted is > 0 and var accepted ? accepted : null,
            FragmentSizeLimit = state.Sizing.AcksAtLimit > 0 ? state.Sizing.Limit : null,
            IsAskingUseless = !state.Sizing.Questions.MayAsk,
            ReplyUrl = session.ReplyUrl,
            IsReplyReceived = session.ReplyReceived,
            NeedsNewSession = session.Discarding,
            MayBeComplete = state.IsComplete || session.LastFragmentUnanswered || session.SendingTo == state.Total,
        };

    // What is in doubt for another reason than a fragment looks as if one byte had been sent.
    private static long SentAtMost(UploadState state, OpenSession session)
    {
        long doubtful = session.Doubtful ? Math.Min(session.Offset + 1, state.Total) : 0;
        return Math.Max(Math.Max(session.HighestSent, session.SendingTo), doubtful);
    }

    private static OpenSession SessionOf(BitsUploadCheckpoint checkpoint, string id)
    {
        SessionHost? host = HostOf(checkpoint);
        OpenSession session = new()
        {
            Id = id,
            Host = host,
            HostWasReached = host is not null,
            HostAcked = checkpoint.BytesAcknowledged > 0,
            ReplyReceived = checkpoint.IsReplyReceived,
        };
        return AsOf(session, checkpoint);
    }

    // What the checkpoint says of a session, and of those before it.
    private static OpenSession AsOf(OpenSession session, BitsUploadCheckpoint checkpoint) => session with
    {
        Discarding = checkpoint.NeedsNewSession,
        Offset = checkpoint.BytesAcknowledged,
        Acknowledged = checkpoint.BytesAcknowledged,
        HighestSent = SentAtMost(checkpoint),
        LastFragmentUnanswered = checkpoint.MayBeComplete,
        ReplyUrl = checkpoint.ReplyUrl,
    };

    private static SessionLedger AsOf(SessionLedger ledger, BitsUploadCheckpoint checkpoint) => ledger with
    {
        Entries = [.. checkpoint.OtherSessions.Select(EntryOf)],
        MayBeStored = checkpoint.EarlierSessionMayBeComplete,
    };

    // The size that suited the connection is not saved: the upload may be resumed on another one.
    private static FragmentSizing SizingOf(BitsUploadCheckpoint checkpoint) => new()
    {
        KeepsOffsets = checkpoint.ServerKeepsOffsets,
        AcceptedByHost = checkpoint.LargestFragmentAccepted ?? 0,
        Limit = checkpoint.FragmentSizeLimit,
        AcksAtLimit = checkpoint.FragmentSizeLimit is null ? 0 : 1,
        Questions = checkpoint.IsAskingUseless ? default(Questions).Off : default,
    };

    private static LedgerEntry EntryOf(BitsOtherSession other) =>
        new(other.Url, other.SessionId, other.SessionId is null ? SessionFate.Unknown : SessionFate.Open);

    private static BitsOtherSession OtherSessionOf(LedgerEntry entry) => new() { Url = entry.Target, SessionId = entry.Id };

    private static SessionHost? HostOf(BitsUploadCheckpoint checkpoint) =>
        checkpoint.HostId is { } id ? new SessionHost(id, BitsHostId.Place(checkpoint.Url, id)!, checkpoint.HostIdFallback) : null;
}
