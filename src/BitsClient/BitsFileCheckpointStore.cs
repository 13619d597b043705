using BitsClient.Persistence;

namespace BitsClient;

/// <summary>
/// Stores checkpoints as JSON files in a folder, one per upload; only their owner can read them, if the operating system supports that.
/// Saves are atomic: a checkpoint is written to a temporary file, flushed to disk, and renamed. Thread-safe for different uploads, and safe
/// to use from several processes on one machine; for one upload, <see cref="LockAsync"/> ensures a single caller.
/// </summary>
/// <remarks>
/// Except on Windows, a folder that other users can write to is refused with an <see cref="IOException"/>, because its checkpoints could be
/// theirs. The store creates its folder so that only its owner has access.
/// </remarks>
public sealed class BitsFileCheckpointStore : IBitsCheckpointStore
{
    private readonly StoreFolder _folder;
    private int _isOpened;

    /// <summary>Initializes a store in a folder, which is created when it is first needed.</summary>
    /// <param name="folder">The folder; it should contain nothing else, and no other user should be able to write to it.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BitsFileCheckpointStore(string folder)
        : this(folder, File.Open)
    {
    }

    /// <param name="folder">The folder.</param>
    /// <param name="open">Opens the files that are written or locked; a test checks with it how.</param>
    internal BitsFileCheckpointStore(string folder, Func<string, FileStreamOptions, FileStream> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = new StoreFolder(folder, open);
    }

    /// <summary>The full path of the folder.</summary>
    public string Folder => _folder.FullPath;

    /// <inheritdoc />
    /// <exception cref="IOException">
    /// The folder cannot be used, other users can write to it, or file locking is off, so that the lock would exclude nobody: because of
    /// the .NET setting <c>System.IO.DisableFileLocking</c>, or on some network file systems.
    /// </exception>
    public async ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        _folder.Create();
        if (Interlocked.Exchange(ref _isOpened, 1) == 0)
        {
            await SweepAsync(_folder.Entries()).ConfigureAwait(false);
        }

        return await FileLock.TakeAsync(id, _folder, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        _folder.Create();
        string temporary = _folder.NewTemporary(checkpoint.Id);
        FileStream file = _folder.Open(temporary, PrivateFile.Options(FileMode.CreateNew));
        try
        {
            Write(file, CheckpointJson.Write(checkpoint));
            File.Move(temporary, _folder.PathOf(checkpoint.Id, "json"), overwrite: true);
        }
        catch (Exception)
        {
            PrivateFile.TryDelete(temporary);
            throw;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    /// <exception cref="IOException">The folder or the file cannot be read, or other users can write to the folder.</exception>
    /// <exception cref="InvalidDataException">What is there is no checkpoint of this upload and of this version.</exception>
    public async ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        try
        {
            return _folder.Exists()
                ? await CheckpointFile.ReadAsync(_folder.PathOf(id, "json"), cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        string path = _folder.PathOf(id, "json");
        if (File.Exists(path))
        {
            // What others left behind beside it was deleted when the upload was locked.
            File.Delete(path);
        }
        else if (Directory.Exists(Folder))
        {
            _folder.DeleteTemporaries(id);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    /// <remarks>
    /// Reads regular files only. Anything else with the name of a checkpoint, a file of more than 1 MiB, and a checkpoint under the name of
    /// another upload are listed with their error. Files of locks that a killed process left behind without a checkpoint are deleted.
    /// </remarks>
    /// <exception cref="IOException">The folder cannot be read, or other users can write to it.</exception>
    public async ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        List<BitsStoredCheckpoint> entries = [];
        if (!_folder.Exists())
        {
            return entries;
        }

        string[] files = _folder.Entries();
        await SweepAsync(files).ConfigureAwait(false);

        // Temporary files are listed first: one that is renamed in the meantime is then found as a checkpoint.
        string[] temporaries = StoreFolder.Temporaries(files);
        foreach (string path in StoreFolder.Checkpoints(temporaries.Length == 0 ? files : _folder.Entries()))
        {
            if (await ReadEntryAsync(path, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                entries.Add(entry);
            }
        }

        // A process ended during the first save of an upload.
        foreach (string path in temporaries.Where(_folder.IsFirstSave).Order(StringComparer.Ordinal))
        {
            InvalidDataException error = new(
                $"'{path}' is incomplete, and no checkpoint of this upload was saved. Delete the file if the upload is not running.");
            entries.Add(new BitsStoredCheckpoint { Location = path, Error = error });
        }

        return [.. entries.OrderBy(entry => entry.Checkpoint is null).ThenBy(entry => entry.Checkpoint?.CreatedAt)];
    }

    private static async Task<BitsStoredCheckpoint?> ReadEntryAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            BitsUploadCheckpoint checkpoint = await CheckpointFile.ReadAsync(path, cancellationToken).ConfigureAwait(false);
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

    private static void Write(FileStream file, byte[] bytes)
    {
        using (file)
        {
            file.Write(bytes, 0, bytes.Length);
            file.Flush(flushToDisk: true);
        }
    }

    // A process that was killed before its first save, or after the last, left the files of its lock behind.
    private async Task SweepAsync(string[] files)
    {
        foreach (Guid id in _folder.LocksWithoutCheckpoint(files))
        {
            await FileLock.TryRemoveAsync(id, _folder).ConfigureAwait(false);
        }
    }
}
