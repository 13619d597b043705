namespace BitsClient.Tests.Support;

/// <summary>
/// Creates files that record each flush to disk: their length at that time, and the text at their destination.
/// </summary>
internal sealed class FlushWatch(string destination)
{
    public List<(long Length, string? Replacing)> Flushes { get; } = [];

    public FileStream Create(string path, FileStreamOptions options) => new WatchedFile(this, path, options);

    private void Flushed(FileStream file) => Flushes.Add((file.Length, File.Exists(destination) ? File.ReadAllText(destination) : null));

    private sealed class WatchedFile(FlushWatch watch, string path, FileStreamOptions options) : FileStream(path, options)
    {
        public override void Flush(bool flushToDisk)
        {
            base.Flush(flushToDisk);
            if (flushToDisk)
            {
                watch.Flushed(this);
            }
        }
    }
}
