using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient;

/// <summary>
/// The bytes to upload: a file, a seekable stream, or memory. It is read by position, so that a byte can be read again whenever the server wants it again.
/// A source belongs to one job, which disposes of it.
/// </summary>
public abstract class BitsUploadSource : IDisposable
{
    private protected BitsUploadSource(long length, string? name, string emptiness, string parameterName)
    {
        if (length == 0)
        {
            // A server acks Create-Session and Close-Session of an empty upload, and then has no file.
            throw new ArgumentException($"{emptiness} An upload cannot be empty: BITS servers say yes to it and store no file.", parameterName);
        }

        if (name is not null && BitsContentName.HoldsControlCharacter(name))
        {
            throw new ArgumentException("The file name holds a line break or another control character; give the upload a name without.", nameof(name));
        }

        Length = length;
        Name = name;
    }

    /// <summary>How many bytes are uploaded; at least 1.</summary>
    public long Length { get; }

    /// <summary>
    /// The file name told to the server (Content-Name), without path; null for none. It only informs: the URL decides where the file lands. What does
    /// not fit a header is percent-encoded; a name that is then over 260 characters long is left out.
    /// </summary>
    public string? Name { get; }

    /// <summary>
    /// Uploads a file. It is opened at once, for reading, and stays open: other programs can read it too, but not write to it where the system lets
    /// us say so.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name told to the server; the file's own if null.</param>
    /// <returns>The source; whoever makes it disposes of it, or gives it to a job that does.</returns>
    /// <exception cref="ArgumentException">The path or the file is empty, or the name holds a control character.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    /// <exception cref="IOException">The file cannot be opened, because somebody writes to it, for example; or it is a pipe or a device.</exception>
    public static BitsUploadSource FromFile(string path, string? name = null) => FileSource.Open(path, name);

    /// <summary>Uploads a stream from its current position to its end. The stream must not be used by anybody else meanwhile.</summary>
    /// <param name="stream">A stream that can seek; a position at its end is an empty source.</param>
    /// <param name="name">The name told to the server; none if null.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the source is disposed of. Default false.</param>
    /// <returns>The source; whoever makes it disposes of it, or gives it to a job that does.</returns>
    /// <exception cref="ArgumentException">The stream cannot read or seek, nothing is left in it, or the name holds a control character.</exception>
    public static BitsUploadSource FromStream(Stream stream, string? name = null, bool leaveOpen = false) => StreamSource.Open(stream, name, leaveOpen);

    /// <summary>Uploads bytes in memory, which must not change meanwhile.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">The name told to the server; none if null.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">There are no bytes, or the name holds a control character.</exception>
    public static BitsUploadSource FromMemory(ReadOnlyMemory<byte> bytes, string? name = null) => new MemorySource(bytes, name);

    /// <summary>Lets go of the file or stream. The job does it.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Fills <paramref name="buffer"/> from <paramref name="offset"/> on, as far as one read gets: at least one byte, 0 only where the source has
    /// ended.
    /// </summary>
    internal abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>How the source is recognized when its upload is resumed.</summary>
    internal virtual BitsSourceFingerprint Fingerprint => new() { Name = Name, Length = Length };

    /// <summary>Looks whether the source is still what it was when it was opened. It is asked before each fragment.</summary>
    /// <exception cref="BitsSourceChangedException">It is not.</exception>
    internal abstract void ThrowIfChanged();

    private protected virtual void Release()
    {
    }
}
