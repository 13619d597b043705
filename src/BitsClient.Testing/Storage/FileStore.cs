namespace BitsClient.Testing.Storage;

/// <summary>Stores complete files. Thread-safe.</summary>
internal abstract class FileStore
{
    public static FileStore For(BitsTestServerOptions options) =>
        options.StorageDirectory is { } directory ? new DirectoryFileStore(directory) : new MemoryFileStore();

    public abstract bool Has(StoragePath path);

    /// <summary>Returns the bytes of a file that exists.</summary>
    public abstract byte[] Read(StoragePath path);

    /// <summary>
    /// Whether a file can be stored at the path: no folder has that path, and no file has the path of a parent folder. An existing file
    /// at the path itself does not matter.
    /// </summary>
    public abstract bool CanStore(StoragePath path);

    /// <summary>Creates the unfinished file of an upload to the path.</summary>
    public abstract PartialFile Begin(StoragePath path);
}
