using BitsClient.Errors;
using BitsClient.Protocol;
using static System.FormattableString;

namespace BitsClient;

/// <summary>How a <see cref="BitsUploadClient"/> uploads. It is checked and copied when the client is made; changes after that have no effect.</summary>
public sealed class BitsUploadOptions
{
    private const int DefaultInitialFragmentSize = 1024 * 1024;

    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxNoProgressTime = TimeSpan.FromDays(24);
    private static readonly Guid UploadProtocol = Guid.Parse(BitsHeaderNames.UploadProtocol);

    private int? _initialFragmentSize;

    /// <summary>
    /// The least bytes in a fragment, the last excepted; also the size of the one that finds out where the server is after a failure. Default 5 KiB;
    /// at least 1.
    /// </summary>
    public int MinFragmentSize { get; set; } = 5 * 1024;

    /// <summary>
    /// Bytes in the first fragment. Default 1 MiB, or the nearest that the other two allow; if set, from <see cref="MinFragmentSize"/> to
    /// <see cref="MaxFragmentSize"/>.
    /// </summary>
    public int InitialFragmentSize
    {
        get => _initialFragmentSize ?? Math.Max(MinFragmentSize, Math.Min(DefaultInitialFragmentSize, MaxFragmentSize));
        set => _initialFragmentSize = value;
    }

    /// <summary>The most bytes in a fragment. Default 28 MiB; at least <see cref="MinFragmentSize"/>.</summary>
    /// <remarks>
    /// IIS and Kestrel refuse requests over 30,000,000 bytes by default, nginx over 1 MiB; what is refused is found out and remembered for each host.
    /// </remarks>
    public int MaxFragmentSize { get; set; } = 28 * 1024 * 1024;

    /// <summary>
    /// The size of every fragment except the last, in bytes. Default null: sizes adapt to the connection. If set, at least 1; <see cref="MinFragmentSize"/>,
    /// <see cref="InitialFragmentSize"/> and <see cref="MaxFragmentSize"/> are then ignored.
    /// </summary>
    public int? FixedFragmentSize { get; set; }

    /// <summary>How long a fragment should take: the sizes are chosen for it. Default 10 seconds; more than zero, at most a day.</summary>
    public TimeSpan TargetFragmentDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing of a fragment may get out before the try is given up. Default 2 minutes; more than zero, at most a day.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long an ack may take after its request was sent, before the try is given up; an application behind the server may need it for the last
    /// fragment. Default 5 minutes; more than zero, at most a day.
    /// </summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an upload goes on failing: the time begins with the first failure, and progress ends it. Default 15 minutes; more than zero, at most 24 days.
    /// </summary>
    public TimeSpan NoProgressTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>When and how often failures that may pass are answered with another try.</summary>
    public BitsRetryOptions Retry { get; set; } = new();

    /// <summary>
    /// What follows a failure that leaves open how much of a fragment arrived. Default <see cref="BitsResendPolicy.Resynchronize"/>.
    /// </summary>
    public BitsResendPolicy ResendPolicy { get; set; } = BitsResendPolicy.Resynchronize;

    /// <summary>The most bytes a reply may have (<see cref="BitsReplyTarget"/>); a longer one ends the upload with an error. Default 1 GiB; at least 0.</summary>
    public long MaxReplySize { get; set; } = 1024 * 1024 * 1024;

    /// <summary>
    /// Whether a reply may be on any host the server names, rather than on that of the URL or the session only. Default false. It never goes from https to http;
    /// <see cref="PrepareRequest"/> is called for it as for every request, and sees its URL.
    /// </summary>
    public bool AllowReplyFromAnyHost { get; set; }

    /// <summary>
    /// What happens when the server names another host for the rest of a session. Default <see cref="BitsHostIdPolicy.Follow"/>.
    /// </summary>
    public BitsHostIdPolicy HostIdPolicy { get; set; } = BitsHostIdPolicy.Follow;

    /// <summary>
    /// Is called before each request, on no particular thread, and may add headers to it: a bearer token, for example. When the server answers 401 or 407, the
    /// packet is sent once more, so that the hook can renew what has run out. Default none. What it throws ends the upload with a <see cref="BitsUploadException"/>.
    /// </summary>
    public Func<BitsRequestContext, CancellationToken, ValueTask>? PrepareRequest { get; set; }

    /// <summary>Sends POST with X-Http-Method-Override: BITS_POST, for hosts and proxies that refuse the verb. Default false.</summary>
    public bool OverrideVerb { get; set; }

    /// <summary>
    /// The protocol's GUID as Create-Session spells it, for servers that want upper case or no braces. Default {7df0354d-249b-430f-820d-3d2a9bef4931}; any
    /// spelling of this GUID.
    /// </summary>
    public string ProtocolId { get; set; } = BitsHeaderNames.UploadProtocol;

    /// <summary>
    /// How long a cancel may take: so long it waits for an ack that decides what became of the session, and so long it tries to deliver
    /// Cancel-Session. Default 10 seconds; more than zero, at most a day.
    /// </summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the token given to a run means. Default <see cref="BitsSessionAction.CancelSession"/>. <see cref="IBitsUploadJob.CancelAsync"/> always
    /// cancels the session, and <see cref="IAsyncDisposable.DisposeAsync"/> always keeps it.
    /// </summary>
    public BitsSessionAction OnCancellation { get; set; } = BitsSessionAction.CancelSession;

    /// <summary>
    /// Keeps the state of each upload while its session is open, so that it can be resumed or canceled after a crash. Default null: nothing is written anywhere.
    /// </summary>
    /// <remarks>
    /// A state is saved as soon as the session exists, then after acks, at most every 250 milliseconds, and at each change of more than the offset;
    /// it is deleted when the upload is done or canceled. While a job runs, and until it is disposed of, nobody else can run the same upload. Saves
    /// run beside the upload; one that fails is logged as a warning, and the upload goes on.
    /// </remarks>
    public IBitsCheckpointStore? CheckpointStore { get; set; }

    /// <summary>
    /// Whether the SHA-256 of the file is computed while it is sent, for <see cref="BitsUploadResult.Sha256"/>, and kept in the state, so that a
    /// source whose bytes changed is not resumed. Default false.
    /// </summary>
    public bool ComputeSha256 { get; set; }

    /// <summary>What becomes of the server's session when an upload fails. Default <see cref="BitsSessionAction.KeepSession"/>.</summary>
    public BitsSessionAction OnFailure { get; set; } = BitsSessionAction.KeepSession;

    /// <summary>The least time between two progress reports. Default 250 milliseconds; from zero to a day.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A validated copy, in which <see cref="FixedFragmentSize"/> has replaced the three other sizes.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all that are.</exception>
    internal BitsUploadOptions Checked(string parameterName)
    {
        OptionErrors errors = new();
        CheckFragmentSizes(errors);
        CheckTimes(errors);
        errors.RequireDefined(OnCancellation, nameof(OnCancellation));
        errors.RequireDefined(OnFailure, nameof(OnFailure));
        errors.RequireDefined(ResendPolicy, nameof(ResendPolicy));
        errors.Require(
            Guid.TryParse(ProtocolId, out Guid id) && id == UploadProtocol, nameof(ProtocolId), ProtocolId, $"a spelling of {BitsHeaderNames.UploadProtocol}");
        errors.Require(MaxReplySize >= 0, nameof(MaxReplySize), MaxReplySize, "at least 0");
        errors.Require(HostIdPolicy is not null, nameof(HostIdPolicy), null, "set");
        errors.Require(Retry is not null, nameof(Retry), null, "set");
        Retry?.Check(errors, MaxTime);
        errors.ThrowIfAny(parameterName);

        BitsUploadOptions copy = (BitsUploadOptions)MemberwiseClone();
        copy.Retry = Retry!.Copy();
        if (FixedFragmentSize is { } size)
        {
            copy.MinFragmentSize = copy.InitialFragmentSize = copy.MaxFragmentSize = size;
        }

        return copy;
    }

    private void CheckFragmentSizes(OptionErrors errors)
    {
        if (FixedFragmentSize is { } size)
        {
            errors.Require(size >= 1, nameof(FixedFragmentSize), size, "at least 1");
            return;
        }

        errors.Require(MinFragmentSize >= 1, nameof(MinFragmentSize), MinFragmentSize, "at least 1");
        errors.Require(
            MaxFragmentSize >= MinFragmentSize, nameof(MaxFragmentSize), MaxFragmentSize,
            Invariant($"at least {nameof(MinFragmentSize)}, {MinFragmentSize}"));
        errors.Require(
            InitialFragmentSize >= MinFragmentSize && InitialFragmentSize <= MaxFragmentSize, nameof(InitialFragmentSize), InitialFragmentSize,
            Invariant($"from {nameof(MinFragmentSize)} to {nameof(MaxFragmentSize)}, {MinFragmentSize} to {MaxFragmentSize}"));
    }

    private void CheckTimes(OptionErrors errors)
    {
        errors.RequireTime(TargetFragmentDuration, nameof(TargetFragmentDuration), MaxTime);
        errors.RequireTime(StallTimeout, nameof(StallTimeout), MaxTime);
        errors.RequireTime(ResponseTimeout, nameof(ResponseTimeout), MaxTime);
        errors.RequireTime(NoProgressTimeout, nameof(NoProgressTimeout), MaxNoProgressTime);
        errors.RequireTime(CancelTimeout, nameof(CancelTimeout), MaxTime);
        errors.Require(
            ProgressInterval >= TimeSpan.Zero && ProgressInterval <= MaxTime, nameof(ProgressInterval), ProgressInterval, "from zero to a day");
    }
}
