namespace BitsClient.Machine;

/// <summary>
/// Everything the client knows about one upload between two packets. Immutable: <see cref="UploadMachine"/> and the rules in this folder
/// create new states.
/// </summary>
internal sealed record UploadState
{
    // A server that answers the first byte again with the offset 1 may keep offsets or not.
    private const int MinProbedOffset = 2;

    /// <summary>The destination, as the caller specified it.</summary>
    public required Uri Url { get; init; }

    public required MachineOptions Options { get; init; }

    /// <summary>The file's name as a header value; null for none.</summary>
    public string? ContentName { get; init; }

    public UploadIdentity Identity { get; init; } = UploadIdentity.None;

    /// <summary>The trace context of the last run, to which the next one links; null if it was not recorded.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public long Total { get; init; }

    /// <summary>The upload is an upload-reply: the server's reply is downloaded before the session is closed.</summary>
    public bool WantsReply { get; init; }

    /// <summary>The session on the server; null while there is none. A session that was closed or canceled stays here.</summary>
    public OpenSession? Session { get; init; }

    /// <summary>The sessions before <see cref="Session"/>.</summary>
    public SessionLedger Ledger { get; init; } = SessionLedger.Empty;

    public FragmentSizing Sizing { get; init; } = FragmentSizing.Unknown;

    public RetryBudget Budget { get; init; } = RetryBudget.Unused;

    public Tally Tally { get; init; } = Tally.Zero;

    /// <summary>The upload is being canceled: no other session replaces the one that is open.</summary>
    public bool IsBeingCanceled { get; init; }

    /// <summary>The server acknowledged Close-Session.</summary>
    public bool Closed { get; init; }

    /// <summary>The server acknowledged Cancel-Session, or no longer knows the session.</summary>
    public bool Canceled { get; init; }

    /// <summary>The offset of the next byte that the server wants; 0 while there is no session.</summary>
    public long Offset => Session?.Offset ?? 0;

    /// <summary>How many bytes, from the start, the server has acknowledged in this session.</summary>
    public long Acknowledged => Session?.Acknowledged ?? 0;

    /// <summary>Where packets go.</summary>
    public Uri Target => Session?.Host?.Target ?? Url;

    /// <summary>The highest offset that is accepted from the server, so that no byte is skipped.</summary>
    public long HighestSent => Session?.HighestSent ?? 0;

    /// <summary>A fragment, or a part of it, may have arrived without an ack.</summary>
    public bool HasUnacknowledgedBytes => HighestSent > Offset;

    /// <summary>No byte may be sent twice in one session: the server stores it twice, or nothing can show that it does not.</summary>
    public bool ForbidsResending => Options.ResendPolicy switch
    {
        BitsResendPolicy.NewSession => true,
        BitsResendPolicy.Detect => Sizing.KeepsOffsets is false || (Sizing.KeepsOffsets is null && Offset < MinProbedOffset),
        _ => false,
    };

    /// <summary>Nothing shows that a byte that is sent twice in one session is stored only once.</summary>
    public bool MayStoreTwice => Options.ResendPolicy is BitsResendPolicy.NewSession
        || (Options.ResendPolicy is BitsResendPolicy.Detect && Sizing.KeepsOffsets is not true);

    /// <summary>The next packet is a probe: it is unknown both how much the server has, and whether it keeps offsets.</summary>
    public bool NeedsProbe => Session is { Doubtful: true, IsProbeUseless: false }
        && Options.ResendPolicy is BitsResendPolicy.Detect && Sizing.KeepsOffsets is null;

    /// <summary>The server has every byte.</summary>
    public bool IsComplete => Session is { } session && session.Offset == Total;

    /// <summary>The server has every byte, and its reply is not downloaded yet.</summary>
    public bool IsReplyDue => IsComplete && WantsReply && Session is { ReplyReceived: false };

    /// <summary>
    /// The whole file may be at its destination, whatever the server answers to Cancel-Session (MC-BUP 3.1.5, Win32 Cancel-Session).
    /// </summary>
    public bool MayBeStored => IsComplete || Session is { LastFragmentUnanswered: true } || Ledger.MayBeStored;

    /// <summary>Identifies the session among those of the upload. A server may give two of them the same id, so it has a number.</summary>
    public (string? Id, int Number) SessionKey => (Session?.Id, Ledger.Replaced);

    /// <summary>Whether an entry of the ledger is the current session, as it was seen at another host.</summary>
    public bool IsCurrent(LedgerEntry entry) =>
        Session is { } session && entry.Id == session.Id && (entry.Number is null || entry.Number == Ledger.Replaced);

    /// <summary>The current session is nowhere else: its host acknowledged bytes of it, or its end.</summary>
    public UploadState WithSessionHere() => Ledger.Entries.Any(IsCurrent)
        ? this with { Ledger = Ledger with { Entries = [.. Ledger.Entries.Where(entry => !IsCurrent(entry))] } }
        : this;

    /// <summary>Whether there is a session on the server to cancel.</summary>
    public bool IsOpen => Session is not null && !Closed && !Canceled;

    /// <summary>Whether any session of the upload is left to cancel, so that a checkpoint is worth saving.</summary>
    public bool IsAnyOpen => !Closed && (IsOpen || Ledger.ToEnd.Any());

    /// <summary>
    /// What became of the upload once no session is open; null while one is. It claims no more than the server confirmed.
    /// </summary>
    public BitsCancelOutcome? Outcome => this switch
    {
        { IsOpen: true } => null,
        { Closed: true } => BitsCancelOutcome.AlreadyCompleted,

        // The application behind the server has the file; what was canceled is its reply (Win32 Cancel-Session).
        { Canceled: true, IsReplyDue: true, Ledger.MayBeOpen: false } => BitsCancelOutcome.ReplyCanceled,
        { MayBeStored: true } or { Ledger.MayBeOpen: true } => BitsCancelOutcome.Unconfirmed,
        { Canceled: true } or { Ledger.Entries.Count: > 0 } => BitsCancelOutcome.SessionCanceled,
        _ => BitsCancelOutcome.NotStarted,
    };

    /// <summary>The upload with another sizing.</summary>
    public UploadState WithSizing(FragmentSizing sizing) => ReferenceEquals(sizing, Sizing) ? this : this with { Sizing = sizing };

    /// <summary>The upload without its session, whose last word is kept in <see cref="Ledger"/>.</summary>
    public UploadState WithoutSession(SessionFate fate)
    {
        if (Session is null)
        {
            return this with { Canceled = false };
        }

        UploadState left = fate is SessionFate.Gone ? WithSessionAtUrl() : this;
        return left with
        {
            Session = null,
            Canceled = false,
            Ledger = left.Ledger.With(new LedgerEntry(Target, Session.Id, fate, Ledger.Replaced)) with
            {
                Replaced = Ledger.Replaced + 1,
                MayBeStored = MayBeStored,
                CloseWasSent = Ledger.CloseWasSent || (fate is SessionFate.Gone && IsComplete && !IsReplyDue),
            },
            Sizing = Session.Host is null ? Sizing : Sizing.ForUnknownHost(),
        };
    }

    /// <summary>
    /// A named host said that the session is gone. If it never acknowledged a packet of it, the URL's own host may still have it.
    /// </summary>
    public UploadState WithSessionAtUrl() =>
        Session is { Host: not null, HostAcked: false } ? WithLeftBehind(Url, Session.Id) : this;

    /// <summary>The session can no longer be used: it is canceled next, and a new one replaces it.</summary>
    public UploadState Discarded() => this with { Session = Session! with { Discarding = true } };

    /// <summary>A server may have opened a session: the answer to Create-Session named it, or was not clear.</summary>
    /// <param name="target">The URL that answered.</param>
    /// <param name="id">The id that it named; null for none.</param>
    public UploadState WithLeftBehind(Uri target, string? id = null) => this with
    {
        Ledger = Ledger.With(new LedgerEntry(target, id, id is null ? SessionFate.Unknown : SessionFate.Open, Ledger.Replaced)),
    };
}
