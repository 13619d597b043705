namespace BitsClient.Testing.Storage;

/// <summary>Where complete files are. Thread-safe.</summary>
internal abstract class FileStore
{
    public static FileStore For(BitsTestServerOptions options) =>
        options.StorageDirectory is { } directory ? new DirectoryFileStore(directory) : new MemoryFileStore();

    public abstract bool Has(StoragePath path);

    /// <summary>The bytes of a file that <see cref="Has"/> found.</summary>
    public abstract byte[] Read(StoragePath path);

    /// <summary>Whether a file may be put there, over an older one or not: no folder is in the way, and no file where a folder has to be.</summary>
    public abstract bool CanStore(StoragePath path);

    public abstract PartialFile Begin(StoragePath path);
}
