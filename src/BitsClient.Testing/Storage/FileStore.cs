namespace BitsClient.Testing.Storage;

/// <summary>Where complete files are. Thread-safe.</summary>
internal abstract class FileStore
{
    public static FileStore For(BitsTestServerOptions options) =>
        options.StorageDirectory is { } directory ? new DirectoryFileStore(directory) : new MemoryFileStore();

    public abstract bool Has(StoragePath path);

    /// <summary>The bytes of a file that <see cref="Has"/> found.</summary>
    public abstract byte[] Read(StoragePath path);

    public abstract PartialFile Begin(StoragePath path);
}
