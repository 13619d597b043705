namespace BitsClient.Benchmarks;

/// <summary>A file with random bytes, in memory where possible, because the disk is not what is measured.</summary>
internal sealed class TestFile : IDisposable
{
    private const int BlockSize = 1024 * 1024;

    public TestFile(long length)
    {
        // Ctrl-C must not leave a file in memory either.
        AppDomain.CurrentDomain.ProcessExit += Delete;
        byte[] block = new byte[BlockSize];
        new Random(1).NextBytes(block);
        using FileStream file = new(Path, FileMode.CreateNew);
        for (long left = length; left > 0; left -= BlockSize)
        {
            file.Write(block, 0, (int)Math.Min(left, BlockSize));
        }
    }

    public string Path { get; } = System.IO.Path.Combine(Folder, $"bitsclient-{Guid.NewGuid():N}.bin");

    /// <summary>A folder in memory, or else the one for temporary files.</summary>
    public static string Folder => Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Delete;
        File.Delete(Path);
    }

    private void Delete(object? sender, EventArgs e) => File.Delete(Path);
}
