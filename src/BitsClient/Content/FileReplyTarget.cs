using Microsoft.Win32.SafeHandles;

namespace BitsClient.Content;

internal sealed class FileReplyTarget : BitsReplyTarget
{
    private readonly string _path;
    private readonly string _temporary;
    private SafeFileHandle? _file;

    private FileReplyTarget(string path)
    {
        _path = path;
        _temporary = $"{path}.{System.IO.Path.GetRandomFileName()}";
    }

    internal override string Path => _path;

    public static FileReplyTarget At(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full) || System.IO.Path.EndsInDirectorySeparator(full))
        {
            throw new ArgumentException($"'{path}' is a folder; give the reply a file name.", nameof(path));
        }

        string folder = System.IO.Path.GetDirectoryName(full)!;
        return Directory.Exists(folder) ? new FileReplyTarget(full) : throw new DirectoryNotFoundException($"There is no folder '{folder}' for the reply.");
    }

    internal override ValueTask CompleteAsync()
    {
        RandomAccess.FlushToDisk(Open());
        Close();
        File.Move(_temporary, _path, overwrite: true);
        return ValueTask.CompletedTask;
    }

    internal override void Abandon()
    {
        if (_file is null)
        {
            return;
        }

        StartOver();
        Close();
        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What failed before counts, not that its leftover could not be deleted.
        }
    }

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(Open(), bytes, offset, cancellationToken);

    private protected override void Truncate()
    {
        if (_file is not null)
        {
            RandomAccess.SetLength(_file, 0);
        }
    }

    private protected override void Release() => Abandon();

    private SafeFileHandle Open() => _file ??= File.OpenHandle(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);

    private void Close()
    {
        _file!.Dispose();
        _file = null;
    }
}
