using System.Threading.RateLimiting;
using BitsClient.Errors;
using BitsClient.Protocol;
using static System.FormattableString;

namespace BitsClient;

/// <summary>
/// The settings of a <see cref="BitsUploadClient"/>. The client validates and copies them when it is created; later changes have no effect.
/// </summary>
public sealed class BitsUploadOptions
{
    private const int DefaultInitialFragmentSize = 1024 * 1024;

    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxNoProgressTime = TimeSpan.FromDays(24);
    private static readonly Guid UploadProtocol = Guid.Parse(BitsHeaderNames.UploadProtocol);

    /// <summary>
    /// The minimum size of a fragment except the last, in bytes; also the size of the fragment that finds out the server's offset after a
    /// failure, which has at most 5 KiB. Default 5 KiB; at least 1.
    /// </summary>
    public int MinFragmentSize { get; set; } = 5 * 1024;

    /// <summary>
    /// The size of the first fragment to a host for which the client has not found a size yet, in bytes. Default null: 1 MiB, and for a
    /// larger file as little as 96 KiB if the server takes long to answer, because the line may be slow; or the nearest size that
    /// <see cref="MinFragmentSize"/> and <see cref="MaxFragmentSize"/> allow. If set, it must be between them.
    /// </summary>
    public int? InitialFragmentSize { get; set; }

    /// <summary>The maximum size of a fragment, in bytes. Default 1 GiB; at least <see cref="MinFragmentSize"/>.</summary>
    /// <remarks>
    /// By default, IIS and Kestrel refuse requests over 30,000,000 bytes, and nginx refuses requests over 1 MiB. Before the body of a
    /// fragment is sent that is much larger than any that the host accepted, or larger than 28 MiB, the server is asked whether it accepts
    /// it (<c>Expect: 100-continue</c>), if that saves a round trip. If a fragment is refused, smaller ones are sent, and the client
    /// remembers the limit of the host. Where asking is of no use, and on .NET Framework, fragments have at most 28 MiB.
    /// </remarks>
    public int MaxFragmentSize { get; set; } = 1024 * 1024 * 1024;

    /// <summary>
    /// The size of every fragment except the last, in bytes. Default null: sizes adapt to the connection. If set, at least 1;
    /// <see cref="MinFragmentSize"/>, <see cref="InitialFragmentSize"/> and <see cref="MaxFragmentSize"/> are then ignored.
    /// </summary>
    public int? FixedFragmentSize { get; set; }

    /// <summary>
    /// How long the bytes of a fragment should take: fragment sizes adapt to it. What a request takes whatever its size, such as a round
    /// trip or a scan by the server, does not count. Default 10 seconds; more than zero, at most a day.
    /// </summary>
    public TimeSpan TargetFragmentDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a fragment that is being sent, or a reply that is being received, may stall before the attempt is abandoned and retried.
    /// Default 2 minutes; more than zero, at most a day.
    /// </summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the server may take to answer after the request was sent, before the attempt is abandoned and retried. An application
    /// behind the server may need this time after the last fragment. Default 5 minutes; more than zero, at most a day.
    /// </summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an upload may keep failing before it ends with a <see cref="BitsUploadStalledException"/>. The time begins with the first
    /// failure, and progress resets it. The wait for a free connection of the handler or for <see cref="RateLimiter"/> counts as well, and
    /// so does a reply of which less than 64 KiB arrive in that time. If the time elapses during a delay, one more attempt is made. Default
    /// 15 minutes; more than zero, at most 24 days.
    /// </summary>
    public TimeSpan NoProgressTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// When and how often transient failures are retried. Default: the defaults of <see cref="BitsRetryOptions"/>; not null.
    /// </summary>
    public BitsRetryOptions Retry { get; set; } = new();

    /// <summary>
    /// How an upload continues after a failure that leaves it unknown how much of a fragment the server has. Default
    /// <see cref="BitsResendPolicy.Detect"/>.
    /// </summary>
    public BitsResendPolicy ResendPolicy { get; set; } = BitsResendPolicy.Detect;

    /// <summary>
    /// The maximum length of a reply (<see cref="BitsReplyTarget"/>), in bytes; a longer one fails the upload. Default 1 GiB; at least 0.
    /// </summary>
    public long MaxReplySize { get; set; } = 1024 * 1024 * 1024;

    /// <summary>
    /// Whether a reply may be downloaded from any origin (scheme, host and port) that the server names, rather than only from that of the
    /// URL or of the session. Default false. A reply to an https upload is never downloaded over http. <see cref="PrepareRequest"/> is
    /// called for the download too; whether credentials are sent is decided by <see cref="TrustedOrigins"/>.
    /// </summary>
    public bool AllowReplyFromAnyOrigin { get; set; }

    /// <summary>
    /// What an upload does when the server names another host for the rest of the session. Default <see cref="BitsHostIdPolicy.Follow"/>;
    /// not null.
    /// </summary>
    public BitsHostIdPolicy HostIdPolicy { get; set; } = BitsHostIdPolicy.Follow;

    /// <summary>
    /// Origins besides that of the URL to which credentials and headers of the application may be sent. Default: none. Each is an
    /// absolute http or https URL of which only scheme, host and port count; not null.
    /// </summary>
    /// <remarks>
    /// A server can name another host for a session (<see cref="HostIdPolicy"/>), and another URL for a reply. If that origin is not
    /// trusted, what <see cref="PrepareRequest"/> adds to the headers is removed, and what
    /// <see cref="HttpClient.DefaultRequestHeaders"/> contains is sent with an empty value, except for headers about the connection and
    /// the program, such as Accept and User-Agent. The path and the query of the URL are sent. What the handler of the
    /// <see cref="HttpClient"/> adds by itself is out of the client's control: bind credentials to an origin with a
    /// <see cref="System.Net.CredentialCache"/>, and turn automatic redirects off.
    /// </remarks>
    public IList<Uri> TrustedOrigins { get; set; } = [];

    /// <summary>
    /// Called before each request, on any thread; it may add headers, such as a bearer token, which are sent to the origin of the URL and
    /// to <see cref="TrustedOrigins"/> only. If the server answers 401 or 407, the packet is sent once more, so that the callback can renew
    /// expired credentials. Default null. An exception from it ends the upload with a <see cref="BitsUploadException"/>.
    /// </summary>
    public Func<BitsRequestContext, CancellationToken, ValueTask>? PrepareRequest { get; set; }

    /// <summary>
    /// Whether to send POST with X-Http-Method-Override: BITS_POST, for servers and proxies that refuse the verb BITS_POST. Default false.
    /// </summary>
    public bool OverrideVerb { get; set; }

    /// <summary>
    /// How Create-Session spells the GUID of the protocol, for servers that expect upper case or no braces. Default
    /// {7df0354d-249b-430f-820d-3d2a9bef4931}; any spelling of this GUID.
    /// </summary>
    public string ProtocolId { get; set; } = BitsHeaderNames.UploadProtocol;

    /// <summary>
    /// How long a cancel waits for an ack that decides what became of the session, and then how long it tries to deliver Cancel-Session.
    /// Default 10 seconds; more than zero, at most a day.
    /// </summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What happens to the server's session when the token passed to a run fires. Default <see cref="BitsSessionAction.CancelSession"/>.
    /// <see cref="IBitsUploadJob.CancelAsync"/> always cancels the session, and <see cref="IAsyncDisposable.DisposeAsync"/> always keeps
    /// it.
    /// </summary>
    public BitsSessionAction OnCancellation { get; set; } = BitsSessionAction.CancelSession;

    /// <summary>
    /// Stores the checkpoint of each upload while its session is open, so that the upload can be resumed or canceled after a crash. Default
    /// null: nothing is written to disk.
    /// </summary>
    /// <remarks>
    /// A checkpoint is saved as soon as the session exists, and then after each ack, while the next fragment is sent. A new file of up to
    /// 1 MiB that is sent as one fragment, without a reply, is saved once, while that fragment is sent. The checkpoint is deleted when the
    /// upload is done or canceled. While a job runs, and until it is disposed, no other job or process can run the same upload. If
    /// saves fail, the first one and the last one are logged as warnings, and the upload continues.
    /// </remarks>
    public IBitsCheckpointStore? CheckpointStore { get; set; }

    /// <summary>
    /// Whether <see cref="IBitsUploadClient.UploadFileAsync"/>, <see cref="IBitsUploadClient.UploadAsync"/> and
    /// <see cref="IBitsUploadClient.CreateOrResumeJobAsync(BitsUploadSource, Uri, BitsReplyTarget, BitsJobOptions, CancellationToken)"/>
    /// continue an upload of the same file to the same URL that an earlier run left in <see cref="CheckpointStore"/>. If the file has
    /// changed since, it is uploaded anew, and the earlier session is canceled. Default true; it has no effect without a store.
    /// </summary>
    public bool ResumeExisting { get; set; } = true;

    /// <summary>
    /// Whether the SHA-256 of the source is computed while it is sent, for <see cref="BitsUploadResult.Sha256"/>. It is also saved in the
    /// checkpoint, so that an upload is not resumed with changed bytes. Default false.
    /// </summary>
    public bool ComputeSha256 { get; set; }

    /// <summary>What happens to the server's session when an upload fails. Default <see cref="BitsSessionAction.KeepSession"/>.</summary>
    public BitsSessionAction OnFailure { get; set; } = BitsSessionAction.KeepSession;

    /// <summary>
    /// Limits how many bytes of fragments are sent per second; a permit is a byte. Share one limiter, such as a
    /// <see cref="BitsRateLimiter"/>, among clients to limit them together. Another limiter is asked for 8 KiB at a time. The wait for it
    /// is not silence, but counts as time without progress (<see cref="NoProgressTimeout"/>). The client does not dispose it. Default null:
    /// no limit.
    /// </summary>
    public RateLimiter? RateLimiter { get; set; }

    /// <summary>The minimum time between two progress reports. Default 250 milliseconds; from zero to a day.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Finds the options that are out of range. The client does this when it is created, and throws if there are any.</summary>
    /// <returns>What is wrong, one sentence for each option; empty if nothing is.</returns>
    public IReadOnlyList<string> Validate() => FindErrors().Messages;

    /// <summary>To send fewer bytes of a fragment in vain costs less than the question whether the server accepts it.</summary>
    internal int MinAskedLength { get; init; } = 256 * 1024;

    /// <summary>The size of the first fragment, whether it is set or not.</summary>
    internal int FirstFragmentSize =>
        InitialFragmentSize ?? Math.Max(MinFragmentSize, Math.Min(DefaultInitialFragmentSize, MaxFragmentSize));

    /// <summary>Returns a validated copy, in which <see cref="FixedFragmentSize"/> replaces the three other sizes.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message lists all such options.</exception>
    internal BitsUploadOptions Checked(string parameterName)
    {
        FindErrors().ThrowIfAny(parameterName);
        BitsUploadOptions copy = (BitsUploadOptions)MemberwiseClone();
        copy.Retry = Retry!.Copy();
        copy.TrustedOrigins = [.. TrustedOrigins];
        if (FixedFragmentSize is { } size)
        {
            copy.MinFragmentSize = copy.MaxFragmentSize = size;
            copy.InitialFragmentSize = size;
        }

        return copy;
    }

    private OptionErrors FindErrors()
    {
        OptionErrors errors = new();
        CheckFragmentSizes(errors);
        CheckTimes(errors);
        errors.RequireDefined(OnCancellation, nameof(OnCancellation));
        errors.RequireDefined(OnFailure, nameof(OnFailure));
        errors.RequireDefined(ResendPolicy, nameof(ResendPolicy));
        errors.Require(
            Guid.TryParse(ProtocolId, out Guid id) && id == UploadProtocol, nameof(ProtocolId), ProtocolId,
            $"a spelling of {BitsHeaderNames.UploadProtocol}");
        errors.Require(MaxReplySize >= 0, nameof(MaxReplySize), MaxReplySize, "at least 0");
        errors.Require(HostIdPolicy is not null, nameof(HostIdPolicy), null, "set");
        errors.Require(Retry is not null, nameof(Retry), null, "set");
        errors.Require(!IsDisposed(RateLimiter), nameof(RateLimiter), "disposed", "one that is in use");
        CheckTrustedOrigins(errors);
        Retry?.Check(errors, MaxTime);
        return errors;
    }

    private static bool IsDisposed(RateLimiter? limiter)
    {
        try
        {
            limiter?.GetStatistics();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
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
            InitialFragmentSize is null || (InitialFragmentSize >= MinFragmentSize && InitialFragmentSize <= MaxFragmentSize),
            nameof(InitialFragmentSize), InitialFragmentSize,
            Invariant($"from {nameof(MinFragmentSize)} to {nameof(MaxFragmentSize)}, {MinFragmentSize} to {MaxFragmentSize}"));
    }

    private void CheckTrustedOrigins(OptionErrors errors)
    {
        errors.Require(TrustedOrigins is not null, nameof(TrustedOrigins), null, "set");
        for (int i = 0; i < TrustedOrigins?.Count; i++)
        {
            Uri? origin = TrustedOrigins[i];
            errors.Require(
                origin is { IsAbsoluteUri: true } && (origin.Scheme == Uri.UriSchemeHttp || origin.Scheme == Uri.UriSchemeHttps),
                Invariant($"{nameof(TrustedOrigins)}[{i}]"), origin is null ? "null" : BitsUrl.Shown(origin),
                "an absolute http or https URL");
        }
    }

    private void CheckTimes(OptionErrors errors)
    {
        errors.RequireTime(TargetFragmentDuration, nameof(TargetFragmentDuration), MaxTime);
        errors.RequireTime(StallTimeout, nameof(StallTimeout), MaxTime);
        errors.RequireTime(ResponseTimeout, nameof(ResponseTimeout), MaxTime);
        errors.RequireTime(NoProgressTimeout, nameof(NoProgressTimeout), MaxNoProgressTime);
        errors.RequireTime(CancelTimeout, nameof(CancelTimeout), MaxTime);
        errors.Require(
            ProgressInterval >= TimeSpan.Zero && ProgressInterval <= MaxTime, nameof(ProgressInterval), ProgressInterval,
            "from zero to a day");
    }
}
