using BitsClient.Errors;
using Microsoft.Win32.SafeHandles;

namespace BitsClient.Content;

/// <summary>A file to upload, which stays open.</summary>
internal sealed class FileSource : BitsUploadSource
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly DateTime _lastWrite;

    private FileSource(string path, string? name, SafeFileHandle file)
        : base(RandomAccess.GetLength(file), name ?? Path.GetFileName(path), $"The file '{path}' is empty.", nameof(path))
    {
        _path = path;
        _file = file;
        _lastWrite = File.GetLastWriteTimeUtc(file);
    }

    public static FileSource Open(string path, string? name)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            return new FileSource(path, name, file);
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is NotSupportedException)
            {
                throw new IOException(
                    $"'{path}' is a pipe or a device, but an upload must be able to read bytes again; "
                    + "copy it to a file, and upload the file.",
                    e);
            }

            throw;
        }
    }

    internal override BitsSourceFingerprint Fingerprint =>
        base.Fingerprint with { Path = Path.GetFullPath(_path), LastWriteTime = new DateTimeOffset(_lastWrite) };

    internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);

    internal override void ThrowIfChanged()
    {
        long length = RandomAccess.GetLength(_file);
        if (length != Length)
        {
            throw Failure.OfChangedSource($"The file '{_path}' has {length} bytes now; it had {Length} when the upload began.");
        }

        if (File.GetLastWriteTimeUtc(_file) != _lastWrite)
        {
            throw Failure.OfChangedSource($"The file '{_path}' was written to after the upload began.");
        }
    }

    private protected override void Release() => _file.Dispose();
}
