namespace BitsClient.Content;

internal sealed class FileReplyTarget : BitsReplyTarget
{
    private static readonly FileStreamOptions Options = new()
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        Share = FileShare.None,
        Options = FileOptions.Asynchronous,
        BufferSize = 0,
    };

    private readonly string _path;
    private readonly string _temporary;
    private readonly Func<string, FileStreamOptions, FileStream> _create;
    private FileStream? _file;

    private FileReplyTarget(string path, Func<string, FileStreamOptions, FileStream> create)
    {
        _path = path;
        _temporary = $"{path}.{System.IO.Path.GetRandomFileName()}";
        _create = create;
    }

    internal override string Path => _path;

    public static FileReplyTarget At(string path) => At(path, static (path, options) => new FileStream(path, options));

    /// <param name="path">The file.</param>
    /// <param name="create">Creates the temporary file; a test can see there that it is flushed to the disk.</param>
    public static FileReplyTarget At(string path, Func<string, FileStreamOptions, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full) || System.IO.Path.EndsInDirectorySeparator(full))
        {
            throw new ArgumentException($"'{path}' is a folder; give the reply a file name.", nameof(path));
        }

        string folder = System.IO.Path.GetDirectoryName(full)!;
        return Directory.Exists(folder)
            ? new FileReplyTarget(full, create)
            : throw new DirectoryNotFoundException($"There is no folder '{folder}' for the reply.");
    }

    internal override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Open().Flush(flushToDisk: true);
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

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // A write that failed may have moved it.
        Open().Position = offset;
        return Open().WriteAsync(bytes, cancellationToken);
    }

    private protected override void Truncate() => _file?.SetLength(0);

    private protected override void Release() => Abandon();

    private FileStream Open() => _file ??= _create(_temporary, Options);

    // What failed before counts, not that its leftover could not be deleted.
    private void Forget()
    {
        StartOver();
        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays. Its name is random, so it is in nobody's way.
        }
    }

    private void Close()
    {
        _file!.Dispose();
        _file = null;
    }
}
