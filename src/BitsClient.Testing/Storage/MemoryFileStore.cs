using System.Collections.Concurrent;

namespace BitsClient.Testing.Storage;

internal sealed class MemoryFileStore : FileStore
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public override bool Has(StoragePath path) => _files.ContainsKey(path.Text);

    public override byte[] Read(StoragePath path) => [.. _files[path.Text]];

    public override bool CanStore(StoragePath path) => _files.Keys.All(file => !IsBelow(file, path.Text) && !IsBelow(path.Text, file));

    public override PartialFile Begin(StoragePath path) => new MemoryPartialFile(_files, path.Text);

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);

    private sealed class MemoryPartialFile(ConcurrentDictionary<string, byte[]> files, string path) : PartialFile(new MemoryStream())
    {
        protected override void MoveToDestination() => files[path] = ((MemoryStream)Content).ToArray();

        protected override void Delete()
        {
            // The bytes exist only in the stream.
        }
    }
}
