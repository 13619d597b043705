namespace BitsClient.Testing.Storage;

/// <summary>Files below a directory. An unfinished file lies in the directory itself, so that dropping it leaves nothing behind.</summary>
internal sealed class DirectoryFileStore : FileStore
{
    private readonly string _directory;

    public DirectoryFileStore(string directory) => _directory = Directory.CreateDirectory(directory).FullName;

    public override bool Has(StoragePath path) => File.Exists(path.Below(_directory));

    public override byte[] Read(StoragePath path) => File.ReadAllBytes(path.Below(_directory));

    public override PartialFile Begin(StoragePath path)
    {
        string partial = Path.Combine(_directory, StoragePath.PartialPrefix + Guid.NewGuid().ToString("N"));
        var content = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return new DirectoryPartialFile(content, path.Below(_directory));
    }

    private sealed class DirectoryPartialFile(FileStream content, string destination) : PartialFile(content)
    {
        private readonly string _partial = content.Name;

        protected override void MoveToDestination()
        {
            // Windows doesn't move an open file.
            Content.Dispose();
            Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            File.Move(_partial, destination, overwrite: true);
        }

        protected override void Delete()
        {
            Content.Dispose();
            File.Delete(_partial);
        }
    }
}
