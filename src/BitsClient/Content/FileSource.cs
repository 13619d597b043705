using BitsClient.Errors;
using Microsoft.Win32.SafeHandles;

namespace BitsClient.Content;

/// <summary>A file to upload, which stays open.</summary>
internal sealed class FileSource : BitsUploadSource
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly bool _mayGrow;
    private readonly long _openedLength;

    // Null if it may change.
    private readonly DateTime? _lastWrite;

    private FileSource(string path, BitsFileSourceOptions options, SafeFileHandle file)
        : base(RandomAccess.GetLength(file), options.Name ?? Path.GetFileName(path), $"The file '{path}' is empty.", nameof(path))
    {
        _path = path;
        _file = file;
        _mayGrow = options.GrowthAllowed;
        _openedLength = Length;
        _lastWrite = _mayGrow ? null : File.GetLastWriteTimeUtc(file);
    }

    public static FileSource Open(string path, BitsFileSourceOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        FileShare share = options.Share ?? (options.GrowthAllowed ? FileShare.ReadWrite | FileShare.Delete : FileShare.Read);
        SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, share, FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            return new FileSource(path, options, file);
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

    internal override BitsSourceFingerprint Fingerprint => new()
    {
        Path = Path.GetFullPath(_path),
        Name = Name,
        Length = Length,
        LastWriteTime = _lastWrite is { } time ? new DateTimeOffset(time) : null,
    };

    internal override bool MayGrow => _mayGrow;

    // What was appended since is not part of the upload.
    internal override void ResumeAs(BitsSourceFingerprint? known)
    {
        if (_mayGrow)
        {
            Length = Math.Min(known?.Length ?? _openedLength, _openedLength);
        }
    }

    internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);

#if NET
    // Windows alone reads a file without a thread that blocks. Elsewhere, another thread would have to be woken for each read.
    internal override ValueTask<int> ReadToSendAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        OperatingSystem.IsWindows()
            ? ReadAsync(offset, buffer, cancellationToken)
            : ValueTask.FromResult(RandomAccess.Read(_file, buffer.Span, offset));
#endif

    internal override void ThrowIfChanged()
    {
        long length = RandomAccess.GetLength(_file);
        if (_mayGrow ? length < Length : length != Length)
        {
            throw Failure.OfChangedSource($"The file '{_path}' has {length} bytes now; it had {Length} when the upload began.");
        }

        if (_lastWrite is { } time && File.GetLastWriteTimeUtc(_file) != time)
        {
            throw Failure.OfChangedSource($"The file '{_path}' was written to after the upload began.");
        }
    }

    private protected override void Release() => _file.Dispose();
}
