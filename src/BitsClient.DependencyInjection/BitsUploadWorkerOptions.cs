namespace BitsClient.DependencyInjection;

/// <summary>The settings of a <see cref="BitsUploadWorker"/>.</summary>
public sealed class BitsUploadWorkerOptions
{
    /// <summary>
    /// The name of the client that uploads (see AddBitsUploadClient). Default: the client without a name. Its options need a
    /// <see cref="BitsUploadOptions.CheckpointStore"/>, or one must be registered.
    /// </summary>
    public string ClientName { get; set; } = "";

    /// <summary>How many files are uploaded at a time. Default 2; at least 1.</summary>
    public int MaxConcurrentUploads { get; set; } = 2;

    /// <summary>
    /// How long the worker waits after a transient failure that has outlived the client's own retries, before it continues the upload.
    /// Default 1 minute; more than zero, at most a day.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMinutes(1);
}
