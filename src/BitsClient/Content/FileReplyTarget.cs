using BitsClient.Persistence;
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

    internal override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        RandomAccess.FlushToDisk(Open());
        Close();
        try
        {
            File.Move(_temporary, _path, overwrite: true);
        }
        catch (Exception)
        {
            Forget();
            throw;
        }

        return ValueTask.CompletedTask;
    }

    internal override void Abandon()
    {
        if (_file is null)
        {
            return;
        }

        Close();
        Forget();
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

    private SafeFileHandle Open() => _file ??= File.OpenHandle(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);

    // What failed before counts, not that its leftover could not be deleted.
    private void Forget()
    {
        StartOver();
        OwnersFile.TryDelete(_temporary);
    }

    private void Close()
    {
        _file!.Dispose();
        _file = null;
    }
}
