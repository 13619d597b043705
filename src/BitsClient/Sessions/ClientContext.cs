using BitsClient.Content;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Resilience;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>What all uploads of a client share. Thread-safe.</summary>
internal sealed class ClientContext(BitsChannel channel, BitsUploadOptions options, TimeProvider time, ILogger logger)
{
    private readonly FragmentSizing _firstSizing = new() { Size = options.FirstFragmentSize };

    // These two do nothing, and so all uploads share them that need no others.
    private readonly CheckpointKeeper _noKeeper = NoKeeper(time, logger);
    private readonly ProgressReporter _noReporter = NoReporter(time, logger);

    /// <summary>A validated copy of the caller's options, which does not change.</summary>
    public BitsUploadOptions Options => options;

    public MachineOptions MachineOptions { get; } = MachineOptions.From(options, PacketContent.CanAskFirst);

    public RequestTimeouts Timeouts { get; } = RequestTimeouts.From(options);

    /// <summary>What was learned about each host.</summary>
    public KnownHosts Hosts { get; } = new();

    /// <summary>What waits before a packet of an upload is sent again.</summary>
    public ResiliencePipeline<Attempt> Retry { get; } = RetryPipeline.Build(options.Retry, time);

    /// <summary>What waits before a packet that ends a session is sent again.</summary>
    public ResiliencePipeline<Attempt> CancelRetry { get; } = Resilience.CancelRetry.Build(time);

    /// <summary>The caller's own strategies: one pipeline, so that a circuit breaker sees all uploads; null for none.</summary>
    public ResiliencePipeline? CallersPipeline { get; } = RetryPipeline.OfCaller(options.Retry, time);

    /// <summary>What limits the rate of sending; null for no limit.</summary>
    public SendLimit? SendLimit { get; } = options.RateLimiter is { } limiter ? new SendLimit(limiter, time) : null;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    /// <summary>What a new upload begins with.</summary>
    public UploadState NewState(BitsUploadSource source, Uri url, BitsReplyTarget? reply, BitsJobOptions job) => new()
    {
        Url = url,
        Identity = new UploadIdentity
        {
            Id = Guid.NewGuid(),
            CreatedAt = time.GetUtcNow(),
            Source = source.Fingerprint,
            ReplyPath = reply?.Path,
            Description = job.Description,
        },
        ContentName = BitsContentName.Of(source.Name),
        Sizing = _firstSizing,
        Options = MachineOptions,
        Total = source.Length,
        WantsReply = reply is not null,
    };

    /// <summary>The exchange of packets for one upload.</summary>
    public PacketExchange ExchangeOf(UploadState state, BitsJobOptions job)
    {
        UploadState own = job.PrepareRequest is null
            ? state
            : state with { Options = state.Options with { CanAuthenticate = true } };
        return new PacketExchange(channel, time, own, job);
    }

    /// <summary>What saves the checkpoint of one upload, if there is a store.</summary>
    public CheckpointKeeper KeeperOf(Guid id, SourceHash? hash, BitsJobOptions job)
    {
        IBitsCheckpointStore? store = job.CheckpointStore ?? options.CheckpointStore;
        return store is null && hash is null ? _noKeeper : new(store, id, hash, time, logger);
    }

    /// <summary>What reports the progress of one run.</summary>
    public ProgressReporter ReporterOf(IProgress<BitsUploadProgress>? progress) =>
        progress is null ? _noReporter : new(progress, options.ProgressInterval, time, logger);

    private static CheckpointKeeper NoKeeper(TimeProvider time, ILogger logger) => new(store: null, id: default, hash: null, time, logger);

    private static ProgressReporter NoReporter(TimeProvider time, ILogger logger) => new(sink: null, interval: default, time, logger);
}
