namespace BitsClient.Resilience;

/// <summary>How the upload loop ended, and why.</summary>
internal readonly record struct RunEnd(RunEndKind Kind, Exception? Failure = null)
{
    /// <summary>Nothing is left to send.</summary>
    public static RunEnd Done { get; } = new(RunEndKind.Done);

    /// <summary>The upload is suspended; another loop continues it.</summary>
    public static RunEnd Paused { get; } = new(RunEndKind.Paused);

    /// <summary>The stop token fired.</summary>
    /// <param name="failure">A failure that occurred at the same time; null for none.</param>
    public static RunEnd Stopped(BitsUploadException? failure = null) => new(RunEndKind.Stopped, failure);

    /// <summary>The upload made no progress for too long.</summary>
    public static RunEnd Stalled(BitsUploadStalledException failure) => new(RunEndKind.Stalled, failure);

    /// <summary>Something failed, and the upload cannot continue.</summary>
    public static RunEnd Failed(Exception failure) => new(RunEndKind.Failed, failure);
}
