using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell;

/// <summary>
/// An upload: one that this session of PowerShell runs, whose properties show its current state, or one that is saved and can be resumed.
/// </summary>
public sealed class BitsUpload
{
    private readonly UploadRequest _request;
    private readonly BitsUploadCheckpoint? _saved;

    internal BitsUpload(UploadRun run, SavedUploads folder) =>
        (Run, Id, _request, StatePath, CreationTime) = (run, run.Id, run.Request, folder.Path, DateTime.Now);

    internal BitsUpload(BitsUploadCheckpoint saved, SavedUploads folder) =>
        (_saved, Id, _request, StatePath, CreationTime) =
        (saved, saved.Id, UploadRequest.Of(saved), folder.Path, saved.CreatedAt.LocalDateTime);

    /// <summary>Identifies the upload, also in another session of PowerShell.</summary>
    public Guid Id { get; }

    /// <summary>The full path of the file; null if it is not known.</summary>
    public string? Source => _request.Source;

    /// <summary>The URL of the file on the server.</summary>
    public Uri Destination => _request.Destination;

    /// <summary>
    /// The state. An upload that this session does not run is <see cref="BitsUploadStatus.Suspended"/>, even if another process runs it.
    /// </summary>
    public BitsUploadStatus State => Run?.State ?? BitsUploadStatus.Suspended;

    /// <summary>How many bytes the server has acknowledged.</summary>
    public long BytesTransferred => Run?.BytesAcknowledged ?? _saved?.BytesAcknowledged ?? 0;

    /// <summary>The length of the file, in bytes.</summary>
    public long BytesTotal => _request.Length;

    /// <summary>How much of the upload is done, from 0 to 100; while it runs, with what was sent and is not acknowledged yet.</summary>
    public int PercentComplete =>
        Run is { IsEnded: false, Progress: { } progress } ? (int)(100 * progress.Fraction) : (int)(100.0 * BytesTransferred / BytesTotal);

    /// <summary>How many bytes are sent per second; 0 while that is unknown, and while nothing is sent.</summary>
    public double BytesPerSecond => Transferring?.BytesPerSecond ?? 0;

    /// <summary>How long the upload is expected to take; null while that is unknown, and while nothing is sent.</summary>
    public TimeSpan? EstimatedTimeRemaining => Transferring?.EstimatedTimeRemaining;

    /// <summary>When the upload was created, in local time.</summary>
    public DateTime CreationTime { get; }

    /// <summary>What the upload is, for people; null if nothing was specified.</summary>
    public string? Description => _request.Description;

    /// <summary>The file for the server's reply; null if none is expected.</summary>
    public string? ReplyFile => _request.ReplyFile;

    /// <summary>The folder where the upload is saved until it is completed or canceled.</summary>
    public string StatePath { get; }

    /// <summary>Why the upload failed, or why it waits for a retry; null if nothing failed.</summary>
    public Exception? Error => Run?.Error;

    /// <summary>The result of the completed upload; null if it is not completed.</summary>
    public BitsUploadResult? Result => Run?.Result;

    internal UploadRun? Run { get; }

    private BitsUploadProgress? Transferring => State is BitsUploadStatus.Transferring ? Run!.Progress : null;

    /// <summary>Returns the file and its destination.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _request.ToString();
}
