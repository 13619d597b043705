namespace BitsClient.Queue;

/// <summary>
/// Is told what becomes of uploads: at least once each, on a machine that uploads, also after the one that uploaded has crashed. If it
/// throws, it is told again later. Register it as a singleton; several can be. It must be thread-safe. Calls for different uploads may
/// overlap.
/// </summary>
public interface IBitsUploadQueueObserver
{
    /// <summary>The server has the file.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="cancellationToken">Fires when the host stops.</param>
    /// <returns>A task that completes when this need not be told again.</returns>
    Task CompletedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The upload failed for good.</summary>
    /// <param name="upload">The upload, with its error.</param>
    /// <param name="cancellationToken">Fires when the host stops.</param>
    /// <returns>A task that completes when this need not be told again.</returns>
    Task FailedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The upload was suspended.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="cancellationToken">Fires when the host stops.</param>
    /// <returns>A task that completes when this need not be told again.</returns>
    Task SuspendedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Task.CompletedTask;
}
