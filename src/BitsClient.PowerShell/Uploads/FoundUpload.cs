namespace BitsClient.PowerShell.Uploads;

/// <summary>An upload that is running, has failed or is saved.</summary>
/// <param name="Upload">The upload.</param>
/// <param name="Stored">What is saved of it; null if nothing is, or it is running.</param>
internal sealed record FoundUpload(BitsUpload Upload, BitsUploadCheckpoint? Stored = null)
{
    /// <summary>The run that was going on when the upload was found, and may have ended since; null if none was.</summary>
    public UploadRun? Running { get; } = Upload.Run is { IsEnded: false } run ? run : null;

    /// <summary>
    /// The session that is open on the server, which could not be saved if it is not <see cref="Stored"/>; null if there is none, or the
    /// upload is running.
    /// </summary>
    public BitsUploadCheckpoint? Session => Stored ?? Upload.Run?.Session;
}
