namespace BitsClient.Persistence;

/// <summary>The folder of a checkpoint store: which files it has, and that no other user can place files in it.</summary>
/// <param name="path">The path of the folder.</param>
/// <param name="open">Opens a file in it that is written or locked.</param>
internal sealed class StoreFolder(string path, Func<string, FileStreamOptions, FileStream> open)
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public string FullPath { get; } = Path.GetFullPath(path);

    /// <summary>A lock in the folder was seen to exclude others, so that it need not be tried again.</summary>
    public bool HasLocks { get; set; }

    public string PathOf(Guid id, string extension) => Path.Combine(FullPath, $"{id:D}.{extension}");

    /// <summary>Opens a file that is written or locked.</summary>
    public FileStream Open(string file, FileStreamOptions options) => open(file, options);

    /// <summary>The path of a temporary file, which nobody can predict.</summary>
    public string NewTemporary(Guid id) => PathOf(id, $"{Path.GetRandomFileName()}.tmp");

    /// <summary>Creates the folder if it does not exist.</summary>
    /// <exception cref="IOException">It is a file, or other users can write to it.</exception>
    public void Create()
    {
        if (Exists())
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(FullPath);
        }
        else
        {
            Directory.CreateDirectory(FullPath, PrivateFile.Mode | UnixFileMode.UserExecute);
        }

        // Another user may have created it in the meantime.
        Exists();
    }

    /// <summary>Whether the folder exists.</summary>
    /// <exception cref="IOException">It is a file, or other users can write to it.</exception>
    public bool Exists()
    {
        DirectoryInfo folder = new(FullPath);
        if (!folder.Exists)
        {
            return File.Exists(FullPath)
                ? throw new IOException($"'{FullPath}' is a file; the checkpoint store needs a folder.")
                : false;
        }

        // A sticky bit does not help: it keeps others from replacing a checkpoint, but not from adding one that names a server of theirs.
        if (!OperatingSystem.IsWindows() && folder.UnixFileMode is var mode && (mode & WritableByOthers) != UnixFileMode.None)
        {
            string octal = Convert.ToString((int)mode, 8);
            throw new IOException(
                $"Other users can write to the folder '{FullPath}' (mode {octal}), so its checkpoints could be theirs. "
                + $"Use a folder of your own, or deny them access: chmod go-w '{FullPath}'.");
        }

        return true;
    }

    /// <summary>The paths of everything in the folder.</summary>
    public string[] Entries() => Directory.GetFileSystemEntries(FullPath);

    /// <summary>The checkpoints, and anything else with the name of one.</summary>
    public static IEnumerable<string> Checkpoints(IEnumerable<string> entries) =>
        entries.Where(path => HasExtension(path, ".json")).Order(StringComparer.Ordinal);

    /// <summary>The temporary files, including those of processes that ended during a save.</summary>
    public static string[] Temporaries(IEnumerable<string> entries) => [.. entries.Where(path => HasExtension(path, ".tmp"))];

    /// <summary>Whether the upload of a temporary file has no checkpoint: a process ended during its first save.</summary>
    public bool IsFirstSave(string temporary)
    {
        string id = Path.GetFileName(temporary).Split('.')[0];
        return File.Exists(temporary) && !File.Exists(Path.Combine(FullPath, $"{id}.json"));
    }

    /// <summary>Deletes what processes left behind that ended while they saved this upload.</summary>
    public void DeleteTemporaries(Guid id)
    {
        foreach (string temporary in Directory.GetFiles(FullPath, $"{id:D}*.tmp"))
        {
            PrivateFile.TryDelete(temporary);
        }
    }

    /// <summary>The uploads that have a file of a lock, but no checkpoint: they begin just now, or a process was killed.</summary>
    public IEnumerable<Guid> LocksWithoutCheckpoint(IEnumerable<string> entries) =>
        from path in entries
        where HasExtension(path, ".lock") || HasExtension(path, ".owner")
        let id = Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "D", out Guid parsed) ? parsed : (Guid?)null
        where id is not null && !Path.Exists(PathOf(id.Value, "json"))
        group id by id.Value into files
        select files.Key;

    private static bool HasExtension(string path, string extension) => path.EndsWith(extension, StringComparison.Ordinal);
}
