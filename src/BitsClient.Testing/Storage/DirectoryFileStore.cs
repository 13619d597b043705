namespace BitsClient.Testing.Storage;

/// <summary>
/// Stores files below a directory. An unfinished file is in the directory itself, so that deleting it leaves no empty folders behind.
/// </summary>
internal sealed class DirectoryFileStore : FileStore
{
    private readonly string _directory;

    public DirectoryFileStore(string directory) => _directory = Directory.CreateDirectory(directory).FullName;

    public override bool Has(StoragePath path) => File.Exists(path.Below(_directory));

    public override byte[] Read(StoragePath path) => File.ReadAllBytes(path.Below(_directory));

    public override bool CanStore(StoragePath path)
    {
        string[] names = path.Names;
        string folder = _directory;
        int known = 0;
        while (known < names.Length && Directory.Exists(Path.Combine(folder, names[known])))
        {
            folder = Path.Combine(folder, names[known++]);
        }

        bool folderInTheWay = known == names.Length;
        bool fileInTheWay = known < names.Length - 1 && File.Exists(Path.Combine(folder, names[known]));
        return !folderInTheWay
            && !fileInTheWay
            && names[known..].Select(name => Path.Combine(folder, name)).Append(path.Below(_directory)).All(IsAllowed);
    }

    public override PartialFile Begin(StoragePath path)
    {
        string partial = Path.Combine(_directory, StoragePath.PartialPrefix + Guid.NewGuid().ToString("N"));
        var content = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return new DirectoryPartialFile(content, path.Below(_directory));
    }

    /// <summary>Whether the file system accepts the path, found out by reading the attributes without creating anything.</summary>
    private static bool IsAllowed(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class DirectoryPartialFile(FileStream content, string destination) : PartialFile(content)
    {
        private readonly string _partial = content.Name;

        protected override void MoveToDestination()
        {
            // Windows does not move open files.
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
