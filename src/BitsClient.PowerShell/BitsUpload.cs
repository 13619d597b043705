using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell;

/// <summary>
/// An upload: one that this session of PowerShell runs, whose properties show its current state, or one that is saved and can be resumed.
/// </summary>
public sealed class BitsUpload
{
    private readonly UploadRequest? _saved;
    private readonly Guid _savedId;
    private readonly long _savedBytes;
    private volatile UploadRun? _run;
    private volatile bool _isCanceled;

    internal BitsUpload(UploadRun run) => (_run, Folder, CreationTime) = (run, run.Folder, run.Request.CreatedAt.LocalDateTime);

    internal BitsUpload(BitsUploadCheckpoint saved, SavedUploads folder) =>
        (_saved, _savedId, _savedBytes, Folder, CreationTime) =
        (UploadRequest.Of(saved), saved.Id, saved.BytesAcknowledged, folder, saved.CreatedAt.LocalDateTime);

    /// <summary>
    /// Identifies the upload, also in another session of PowerShell. It changes if the upload is resumed after it has failed before the
    /// server created its session; in this session of PowerShell, the earlier one remains valid.
    /// </summary>
    public Guid Id => Run?.Id ?? _savedId;

    /// <summary>The full path of the file; null if it is not known.</summary>
    public string? Source => Request.Source;

    /// <summary>The URL of the file on the server.</summary>
    public Uri Destination => Request.Destination;

    /// <summary>
    /// The state. An upload that this session does not run is <see cref="BitsUploadStatus.Suspended"/>, even if another process runs it.
    /// </summary>
    public BitsUploadStatus State => _isCanceled ? BitsUploadStatus.Canceled : Run?.State ?? BitsUploadStatus.Suspended;

    /// <summary>How many bytes the server has acknowledged.</summary>
    public long BytesTransferred => Run?.BytesAcknowledged ?? _savedBytes;

    /// <summary>The length of the file, in bytes.</summary>
    public long BytesTotal => Run?.Progress?.BytesTotal ?? Request.Length;

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
    public string? Description => Request.Description;

    /// <summary>The file for the server's reply; null if none is expected.</summary>
    public string? ReplyFile => Request.ReplyFile;

    /// <summary>The folder where the upload is saved until it is completed or canceled.</summary>
    public string StatePath => Folder.Path;

    /// <summary>Why the upload failed, or why it waits for a retry; null if nothing failed.</summary>
    public Exception? Error => Run?.Error;

    /// <summary>The result of the completed upload; null if it is not completed.</summary>
    public BitsUploadResult? Result => Run?.Result;

    /// <summary>
    /// The warnings of its last run, for example that it could not be saved. A cmdlet that waits for the upload writes them.
    /// </summary>
    public IReadOnlyList<string> Warnings => Run?.Warnings.All ?? [];

    internal SavedUploads Folder { get; }

    /// <summary>Its last run in this session of PowerShell; null if there was none.</summary>
    internal UploadRun? Run => _run;

    /// <summary>It is completed or canceled, and no session of it is left on the server.</summary>
    internal bool IsDone =>
        State is BitsUploadStatus.Acknowledged || _isCanceled || Run is { State: BitsUploadStatus.Canceled, Session: null };

    /// <summary>The parameters that name the upload to a cmdlet.</summary>
    internal string Reference => $"{Id}{Folder.Parameter}";

    private UploadRequest Request => Run?.Request ?? _saved!;

    private BitsUploadProgress? Transferring => State is BitsUploadStatus.Transferring ? Run!.Progress : null;

    /// <summary>The upload has failed, and runs again.</summary>
    internal void RunAgain(UploadRun run) => _run = run;

    /// <summary>The session that its last run left is canceled.</summary>
    internal void SetCanceled() => _isCanceled = true;

    /// <summary>Returns the file and its destination.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Request.ToString();
}
