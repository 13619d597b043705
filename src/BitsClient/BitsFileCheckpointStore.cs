using BitsClient.Persistence;

namespace BitsClient;

/// <summary>
/// Keeps states as JSON files in a folder, one for each upload, readable for their owner alone where the system lets us say so. A file is replaced as
/// a whole: written beside, flushed to the disk, and renamed. Thread-safe for different uploads, and safe between processes on one machine; one
/// upload is for one caller at a time, which is what the lock is for.
/// </summary>
public sealed class BitsFileCheckpointStore : IBitsCheckpointStore
{
    private readonly Func<string, FileStreamOptions, FileStream> _create;

    /// <summary>Makes a store in a folder, which is created when it is first needed.</summary>
    /// <param name="folder">The folder; it should hold nothing else.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BitsFileCheckpointStore(string folder)
        : this(folder, static (path, options) => new FileStream(path, options))
    {
    }

    /// <param name="folder">The folder.</param>
    /// <param name="create">Creates the file that a state is written to; a test can see there that it is flushed to the disk.</param>
    internal BitsFileCheckpointStore(string folder, Func<string, FileStreamOptions, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _create = create;
    }

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <inheritdoc />
    public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default)
    {
        CreateFolder();
        return ValueTask.FromResult<IAsyncDisposable>(FileLock.Take(id, PathOf(id, "lock"), PathOf(id, "owner"), PathOf(id, "json")));
    }

    /// <inheritdoc />
    public async ValueTask SaveAsync(BitsUploadCheckpoint state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        CreateFolder();
        string temporary = PathOf(state.Id, "tmp");
        FileStream file = _create(temporary, PrivateFile.Options(FileMode.Create));
        try
        {
            await WriteAsync(file, CheckpointJson.Write(state), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, PathOf(state.Id, "json"), overwrite: true);
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

        // These first: one that becomes a state meanwhile is found as a state.
        string[] temporaries = Directory.GetFiles(Folder, "*.tmp");
        foreach (string path in Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (await ReadEntryAsync(path, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                entries.Add(entry);
            }
        }

        // A process ended while it saved for the first time.
        foreach (string path in temporaries.Where(path => File.Exists(path) && !File.Exists(Path.ChangeExtension(path, "json"))).Order(StringComparer.Ordinal))
        {
            InvalidDataException fault = new($"'{path}' was never written to its end: no state of this upload was saved. Delete it, if no upload is running.");
            entries.Add(new BitsStoredCheckpoint { Location = path, Error = fault });
        }

        return [.. entries.OrderBy(entry => entry.Checkpoint is null).ThenBy(entry => entry.Checkpoint?.CreatedAt)];
    }

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
            return new BitsStoredCheckpoint { Location = path, Checkpoint = await ReadAsync(path, cancellationToken).ConfigureAwait(false) };
        }
        catch (FileNotFoundException)
        {
            // Its upload ended meanwhile.
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
            throw new IOException($"'{Folder}' is a file, not a folder of saved uploads.");
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
