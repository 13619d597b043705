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
    /// <summary>Checked, and nobody else's to change.</summary>
    public BitsUploadOptions Options => options;

    public MachineOptions Rules { get; } = MachineOptions.From(options);

    public RequestTimeouts Limits { get; } = RequestTimeouts.From(options);

    /// <summary>What was learnt of each host.</summary>
    public HostSizeLimits Learnt { get; } = new();

    /// <summary>The caller's own strategies: one pipeline, so that a circuit breaker sees all uploads.</summary>
    public ResiliencePipeline CallersPipeline { get; } = RetryPipeline.OfCaller(options.Retry, time);

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    /// <summary>What keeps an upload's state in the store, if there is one.</summary>
    public CheckpointKeeper KeeperOf(SourceHash? hash) => new(options.CheckpointStore, hash, time, logger);

    /// <summary>A session, and the channel it speaks through.</summary>
    public PacketExchange ExchangeOf(UploadState state) => new(channel, time, state);
}
