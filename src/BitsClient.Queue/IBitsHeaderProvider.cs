namespace BitsClient.Queue;

/// <summary>
/// Adds headers, such as a bearer token, to the requests of queued uploads. Register it as a keyed service on every machine that uploads;
/// <see cref="BitsUploadRequest.HeaderProvider"/> is its key. It must be thread-safe.
/// </summary>
public interface IBitsHeaderProvider
{
    /// <summary>
    /// Called before each request of an upload, in the same way as <see cref="BitsUploadOptions.PrepareRequest"/>. If it throws, the upload
    /// is tried again later.
    /// </summary>
    /// <param name="upload">The upload.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Fires when the request is no longer needed.</param>
    /// <returns>A task that completes when the headers are set.</returns>
    ValueTask AddHeadersAsync(BitsQueuedUpload upload, BitsRequestContext request, CancellationToken cancellationToken);
}
