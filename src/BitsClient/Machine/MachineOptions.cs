namespace BitsClient.Machine;

/// <summary>What the machine has to know of the options. It stays the same for the life of a job.</summary>
internal sealed record MachineOptions
{
    public required int MinFragmentSize { get; init; }

    public required int MaxFragmentSize { get; init; }

    public required TimeSpan TargetFragmentDuration { get; init; }

    /// <summary>How often a failure is answered with another try, counted since the last progress.</summary>
    public required int MaxRetries { get; init; }

    /// <summary>How often an upload starts over, counted since it last got further than ever.</summary>
    public required int MaxRestarts { get; init; }

    public required BitsResendPolicy ResendPolicy { get; init; }

    public required BitsHostIdPolicy HostIdPolicy { get; init; }

    public required bool AllowReplyFromAnyHost { get; init; }

    /// <summary>The caller can change a request before it is sent, and so answer a challenge.</summary>
    public required bool CanAuthenticate { get; init; }

    public static MachineOptions From(BitsUploadOptions options) => new()
    {
        MinFragmentSize = options.MinFragmentSize,
        MaxFragmentSize = options.MaxFragmentSize,
        TargetFragmentDuration = options.TargetFragmentDuration,
        MaxRetries = options.Retry.MaxRetries,
        MaxRestarts = options.Retry.MaxRestarts,
        ResendPolicy = options.ResendPolicy,
        HostIdPolicy = options.HostIdPolicy,
        AllowReplyFromAnyHost = options.AllowReplyFromAnyHost,
        CanAuthenticate = options.PrepareRequest is not null,
    };
}
