namespace BitsClient.Tests.Support;

/// <summary>A file in its own temporary folder; disposing it deletes both.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-");

    public TemporaryFile(byte[] bytes, string name = "file.bin")
    {
        Path = System.IO.Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
