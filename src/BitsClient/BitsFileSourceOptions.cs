namespace BitsClient;

/// <summary>How <see cref="BitsUploadSource.FromFile(string, BitsFileSourceOptions)"/> opens a file. Immutable.</summary>
public sealed record BitsFileSourceOptions
{
    internal static readonly BitsFileSourceOptions Default = new();

    /// <summary>The name that is sent to the server. Default null: the name of the file.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Whether the file may grow during the upload, as a log does. What it contains when the source is created is uploaded, and nothing
    /// that is appended later. An upload of such a file can be resumed with a source that also allows growth. A hash of what was sent then
    /// tells whether it is the same file, because the time of the last write does not; each fragment is read twice for this. A file that
    /// becomes shorter is an error. Default false: a file that is written to is an error.
    /// </summary>
    public bool GrowthAllowed { get; init; }

    /// <summary>
    /// How other programs may open the file during the upload, where the operating system enforces that. Default null:
    /// <see cref="FileShare.Read"/>, or with <see cref="GrowthAllowed"/>, <see cref="FileShare.ReadWrite"/> and
    /// <see cref="FileShare.Delete"/>.
    /// </summary>
    public FileShare? Share { get; init; }
}
