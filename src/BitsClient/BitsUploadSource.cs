using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// The bytes to upload: a file, a seekable stream, or memory. A source belongs to one job, which disposes it. It is read by position,
/// because the server may want bytes again.
/// </summary>
public abstract class BitsUploadSource : IDisposable
{
    private protected BitsUploadSource(long length, string? name, string emptiness, string parameterName)
    {
        if (length == 0)
        {
            // A server acknowledges Create-Session and Close-Session of an empty upload, and then has no file.
            throw new ArgumentException(
                $"{emptiness} An upload cannot be empty: BITS servers accept an empty file but store nothing.", parameterName);
        }

        if (name is not null && BitsContentName.ContainsControlCharacter(name))
        {
            throw new ArgumentException(
                "The file name contains a line break or another control character; specify a name without one.", nameof(name));
        }

        Length = length;
        Name = name;
    }

    /// <summary>The number of bytes to upload; at least 1.</summary>
    public long Length { get; private protected set; }

    /// <summary>
    /// The file name that is sent to the server (Content-Name), without a path; null for none. It is only informative: the URL decides
    /// where the file is stored. Characters that are not allowed in the header are percent-encoded; a name that is then longer than 260
    /// characters is not sent.
    /// </summary>
    public string? Name { get; }

    /// <summary>
    /// Uploads a file. The file is opened immediately, for reading, and stays open until the source is disposed. Other programs can read it
    /// meanwhile, but not write to it if the operating system enforces that.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name that is sent to the server. Default null: the name of the file.</param>
    /// <returns>The source. Dispose it, or pass it to a job, which disposes it.</returns>
    /// <exception cref="ArgumentException">The path or the file is empty, or the name contains a control character.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="IOException">
    /// The file cannot be opened, for example because another process writes to it, or it is a pipe or a device.
    /// </exception>
    public static BitsUploadSource FromFile(string path, string? name = null) =>
        FileSource.Open(path, name is null ? BitsFileSourceOptions.Default : new BitsFileSourceOptions { Name = name });

    /// <summary>Uploads a file that may grow, or that other programs may open in other ways than for reading.</summary>
    /// <param name="path">The file; see <see cref="FromFile(string, string?)"/> for what it throws.</param>
    /// <param name="options">How the file is opened.</param>
    /// <returns>The source. Dispose it, or pass it to a job, which disposes it.</returns>
    public static BitsUploadSource FromFile(string path, BitsFileSourceOptions options) => FileSource.Open(path, options);

    /// <summary>
    /// Uploads a stream from its current position to its end. Do not use the stream for anything else until the source is disposed.
    /// </summary>
    /// <param name="stream">A readable, seekable stream. If its position is at its end, the source is empty.</param>
    /// <param name="name">The name that is sent to the server. Default null: none.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the source is disposed. Default false.</param>
    /// <returns>The source. Dispose it, or pass it to a job, which disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The stream is not readable or not seekable, it has no bytes left, or the name contains a control character.
    /// </exception>
    public static BitsUploadSource FromStream(Stream stream, string? name = null, bool leaveOpen = false) =>
        StreamSource.Open(stream, name, leaveOpen);

    /// <summary>
    /// Copies a stream that cannot seek, such as the body of a request, to a temporary file, and uploads that. The file is readable only by
    /// its owner where the operating system supports it, and is deleted when the source is disposed. The stream is read from its current
    /// position to its end, and stays open.
    /// </summary>
    /// <param name="stream">A readable stream.</param>
    /// <param name="name">The name that is sent to the server. Default null: none.</param>
    /// <param name="folder">The folder for the temporary file. Default null: that of the system.</param>
    /// <param name="cancellationToken">Ends the copy; the temporary file is then deleted.</param>
    /// <returns>The source. Dispose it, or pass it to a job, which disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The stream is not readable, it has no bytes left, or the name contains a control character.
    /// </exception>
    /// <exception cref="IOException">The stream cannot be read, or the temporary file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the folder is denied.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public static Task<BitsUploadSource> SpoolAsync(
        Stream stream, string? name = null, string? folder = null, CancellationToken cancellationToken = default) =>
        SpooledFile.CopyAsync(stream, name, folder, cancellationToken);

    /// <summary>Uploads bytes in memory. Do not change them until the upload has ended.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">The name that is sent to the server. Default null: none.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">There are no bytes, or the name contains a control character.</exception>
    public static BitsUploadSource FromMemory(ReadOnlyMemory<byte> bytes, string? name = null) => new MemorySource(bytes, name);

    /// <summary>Closes the file or stream. The job does this.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Reads once from <paramref name="offset"/> into <paramref name="buffer"/>. Returns at least one byte, or 0 at the end of the source.
    /// </summary>
    internal abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>The same for the content of a request, whose thread may block, because a request can be given up.</summary>
    internal virtual ValueTask<int> ReadToSendAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        ReadAsync(offset, buffer, cancellationToken);

    /// <summary>What the source is compared with when its upload is resumed.</summary>
    internal virtual BitsSourceFingerprint Fingerprint => new() { Name = Name, Length = Length };

    /// <summary>
    /// Other programs may write to the source while it is uploaded, so that the time of the last write says nothing: only the hash of what
    /// was sent tells whether it is the same source when its upload is resumed.
    /// </summary>
    internal virtual bool MayGrow => false;

    /// <summary>Its disposal runs code of the caller, which may block or throw.</summary>
    internal virtual bool IsForeign => false;

    /// <summary>The upload of a source with this fingerprint is being resumed; or null, it begins anew after all.</summary>
    internal virtual void ResumeAs(BitsSourceFingerprint? known)
    {
    }

    /// <summary>Checks whether the source has changed since it was opened. Called before each fragment.</summary>
    /// <exception cref="BitsSourceChangedException">It has changed.</exception>
    internal abstract void ThrowIfChanged();

    private protected virtual void Release()
    {
    }
}
