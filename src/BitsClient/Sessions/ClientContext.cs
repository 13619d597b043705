using BitsClient.Content;
using BitsClient.Machine;
using BitsClient.Resilience;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>What all uploads of a client share. Thread-safe.</summary>
internal sealed class ClientContext(BitsChannel channel, BitsUploadOptions options, TimeProvider time, ILogger logger)
{
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

    /// <summary>The exchange of packets for one upload.</summary>
    public PacketExchange ExchangeOf(UploadState state, BitsJobOptions job)
    {
        MachineOptions own = job.PrepareRequest is null ? state.Options : state.Options with { CanAuthenticate = true };
        return new PacketExchange(channel, time, state with { Options = own }, job);
    }

    /// <summary>What saves the checkpoint of one upload, if there is a store.</summary>
    public CheckpointKeeper KeeperOf(Guid id, SourceHash? hash, BitsJobOptions job) =>
        new(job.CheckpointStore ?? options.CheckpointStore, id, hash, time, logger);

    public ProgressReporter ReporterOf(IProgress<BitsUploadProgress>? progress) => new(progress, options.ProgressInterval, time, logger);
}
