namespace BitsClient.DependencyInjection;

/// <summary>A file to upload, and the task of whoever enqueued it.</summary>
internal sealed class QueuedUpload(string path, Uri url, BitsFileSourceOptions? options)
{
    private BitsUploadCheckpoint? _checkpoint;

    public string Path => path;

    public Uri Url => url;

    public BitsFileSourceOptions? Options => options;

    /// <summary>The upload that is resumed; null if it has not begun, or begins anew.</summary>
    public BitsUploadCheckpoint? Checkpoint
    {
        get => _checkpoint;
        set => (_checkpoint, Earlier) = (value, value ?? Earlier);
    }

    /// <summary>The last <see cref="Checkpoint"/> that was not null.</summary>
    public BitsUploadCheckpoint? Earlier { get; private set; }

    public TaskCompletionSource<BitsUploadResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
