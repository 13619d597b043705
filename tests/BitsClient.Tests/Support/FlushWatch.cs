namespace BitsClient.Tests.Support;

/// <summary>
/// Makes files that record when they are flushed to the disk: how long they are by then, and what is at their destination.
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
