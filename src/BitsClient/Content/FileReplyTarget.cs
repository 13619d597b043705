namespace BitsClient.Content;

/// <summary>Writes a reply to a temporary file, which replaces the file when the reply is complete.</summary>
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

    public static FileReplyTarget At(string path) => At(path, File.Open);

    /// <param name="path">The file.</param>
    /// <param name="create">Creates the temporary file; a test checks with it that the file is flushed to disk.</param>
    public static FileReplyTarget At(string path, Func<string, FileStreamOptions, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full) || System.IO.Path.EndsInDirectorySeparator(full))
        {
            throw new ArgumentException($"'{path}' is a folder; specify the path of a file for the reply.", nameof(path));
        }

        string folder = System.IO.Path.GetDirectoryName(full)!;
        return Directory.Exists(folder)
            ? new FileReplyTarget(full, create)
            : throw new DirectoryNotFoundException($"The folder '{folder}' for the reply does not exist.");
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
            DeleteTemporary();
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
        DeleteTemporary();
    }

    private protected override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // A write that failed may have changed the position.
        Open().Position = offset;
        return Open().WriteAsync(bytes, cancellationToken);
    }

    private protected override void Truncate() => _file?.SetLength(0);

    private protected override void Release() => Abandon();

    private FileStream Open() => _file ??= _create(_temporary, Options);

    // The caller gets the earlier failure, even if the temporary file cannot be deleted.
    private void DeleteTemporary()
    {
        StartOver();
        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file stays. Its name is random, so it conflicts with nothing.
        }
    }

    private void Close()
    {
        _file!.Dispose();
        _file = null;
    }
}
