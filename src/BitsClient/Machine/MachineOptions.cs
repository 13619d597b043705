namespace BitsClient.Machine;

/// <summary>The options that <see cref="UploadMachine"/> and its rules need. They do not change during a job. Immutable.</summary>
internal sealed record MachineOptions
{
    public required int MinFragmentSize { get; init; }

    public required int MaxFragmentSize { get; init; }

    public required TimeSpan TargetFragmentDuration { get; init; }

    /// <summary>How many times a transient failure is retried without progress in between.</summary>
    public required int MaxRetries { get; init; }

    /// <summary>How many times an upload may start over without getting further than in any session before.</summary>
    public required int MaxRestarts { get; init; }

    public required BitsResendPolicy ResendPolicy { get; init; }

    /// <summary>Packets go to the host that the server names, unless the caller's policy does not accept it.</summary>
    public required bool FollowsHostId { get; init; }

    public required bool AllowReplyFromAnyOrigin { get; init; }

    /// <summary>A server can be asked whether a fragment is too large for it, before the body is sent.</summary>
    public required bool CanAskFirst { get; init; }

    /// <summary>To send fewer bytes than this in vain costs less than the question.</summary>
    public required int MinAskedLength { get; init; }

    /// <summary>The caller has not said how large the first fragment is: a slow line gets a smaller one.</summary>
    public bool AdaptsFirstFragment { get; init; }

    /// <summary>The caller can change a request before it is sent, and thereby answer a challenge.</summary>
    public required bool CanAuthenticate { get; init; }

    /// <param name="options">The caller's options.</param>
    /// <param name="canAskFirst">What <see cref="CanAskFirst"/> says.</param>
    public static MachineOptions From(BitsUploadOptions options, bool canAskFirst = true) => new()
    {
        MinFragmentSize = options.MinFragmentSize,
        MaxFragmentSize = options.MaxFragmentSize,
        TargetFragmentDuration = options.TargetFragmentDuration,
        MaxRetries = options.Retry.MaxRetries,
        MaxRestarts = options.Retry.MaxRestarts,
        ResendPolicy = options.ResendPolicy,
        FollowsHostId = options.HostIdPolicy != BitsHostIdPolicy.Ignore,
        AllowReplyFromAnyOrigin = options.AllowReplyFromAnyOrigin,
        CanAskFirst = canAskFirst,
        MinAskedLength = options.MinAskedLength,
        AdaptsFirstFragment = options.InitialFragmentSize is null,
        CanAuthenticate = options.PrepareRequest is not null,
    };
}
