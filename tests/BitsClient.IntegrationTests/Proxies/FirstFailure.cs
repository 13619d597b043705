namespace BitsClient.IntegrationTests.Proxies;

/// <summary>Signals the first transient error after the server has acknowledged bytes.</summary>
internal sealed class FirstFailure : IProgress<BitsUploadProgress>
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Seen => _seen.Task;

    public void Report(BitsUploadProgress value)
    {
        if (value is { Status: BitsUploadStatus.TransientError, BytesAcknowledged: > 0 })
        {
            _seen.TrySetResult();
        }
    }
}
