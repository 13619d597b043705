using BitsClient.Persistence;

namespace BitsClient;

/// <summary>
/// Stores checkpoints as JSON files in a folder, one per upload; only their owner can read them, if the operating system supports that.
/// Saves are atomic: a checkpoint is written to a temporary file, flushed to disk, and renamed. Thread-safe for different uploads, and safe
/// to use from several processes on one machine; for one upload, <see cref="LockAsync"/> ensures a single caller.
/// </summary>
public sealed class BitsFileCheckpointStore : IBitsCheckpointStore
{
    private readonly Func<string, FileStreamOptions, FileStream> _create;

    /// <summary>Initializes a store in a folder, which is created when it is first needed.</summary>
    /// <param name="folder">The folder; it should contain nothing else.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BitsFileCheckpointStore(string folder)
        : this(folder, static (path, options) => new FileStream(path, options))
    {
    }

    /// <param name="folder">The folder.</param>
    /// <param name="create">Creates the temporary file; a test checks with it that the file is flushed to disk.</param>
    internal BitsFileCheckpointStore(string folder, Func<string, FileStreamOptions, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _create = create;
    }

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <inheritdoc />
    public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        CreateFolder();
        return ValueTask.FromResult<IAsyncDisposable>(FileLock.Take(id, PathOf(id, "lock"), PathOf(id, "owner"), PathOf(id, "json")));
    }

    /// <inheritdoc />
    public async ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        CreateFolder();
        string temporary = PathOf(checkpoint.Id, "tmp");
        FileStream file = _create(temporary, PrivateFile.Options(FileMode.Create));
        try
        {
            await WriteAsync(file, CheckpointJson.Write(checkpoint), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, PathOf(checkpoint.Id, "json"), overwrite: true);
        }
        catch (Exception)
        {
            PrivateFile.TryDelete(temporary);
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        string path = PathOf(id, "json");
        try
        {
            return await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(PathOf(id, "tmp"));
            File.Delete(PathOf(id, "json"));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        List<BitsStoredCheckpoint> entries = [];
        ThrowIfFile();
        if (!Directory.Exists(Folder))
        {
            return entries;
        }

        // Temporary files are listed first: one that is renamed in the meantime is then found as a checkpoint.
        string[] temporaries = Directory.GetFiles(Folder, "*.tmp");
        foreach (string path in Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (await ReadEntryAsync(path, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                entries.Add(entry);
            }
        }

        // A process ended during the first save of an upload.
        foreach (string path in temporaries.Where(IsFirstSave).Order(StringComparer.Ordinal))
        {
            InvalidDataException error = new(
                $"'{path}' is incomplete, and no checkpoint of this upload was saved. Delete the file if the upload is not running.");
            entries.Add(new BitsStoredCheckpoint { Location = path, Error = error });
        }

        return [.. entries.OrderBy(entry => entry.Checkpoint is null).ThenBy(entry => entry.Checkpoint?.CreatedAt)];
    }

    private static bool IsFirstSave(string temporary) => File.Exists(temporary) && !File.Exists(Path.ChangeExtension(temporary, "json"));

    private static async Task<BitsUploadCheckpoint> ReadAsync(string path, CancellationToken cancellationToken)
    {
        FileStream file = PrivateFile.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            byte[] bytes = new byte[file.Length];
            await file.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return CheckpointJson.Read(bytes, $"'{path}'");
        }
    }

    private static async Task<BitsStoredCheckpoint?> ReadEntryAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            BitsUploadCheckpoint checkpoint = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
            return new BitsStoredCheckpoint { Location = path, Checkpoint = checkpoint };
        }
        catch (FileNotFoundException)
        {
            // The upload has ended in the meantime.
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new BitsStoredCheckpoint { Location = path, Error = e };
        }
    }

    private static async Task WriteAsync(FileStream file, byte[] bytes, CancellationToken cancellationToken)
    {
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }

    private void ThrowIfFile()
    {
        if (File.Exists(Folder))
        {
            throw new IOException($"'{Folder}' is a file; the checkpoint store needs a folder.");
        }
    }

    private void CreateFolder()
    {
        ThrowIfFile();
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, PrivateFile.Mode | UnixFileMode.UserExecute);
        }
    }

    private string PathOf(Guid id, string extension) => Path.Combine(Folder, $"{id:D}.{extension}");
}
