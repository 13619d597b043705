using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class DirectoryStorageTests
{
    private readonly byte[] _file = Wire.Bytes(30);
    private string _directory = null!;
    private BitsTestServer _server = null!;

    [SetUp]
    public void Start()
    {
        _directory = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "files");
        _server = new BitsTestServer(new BitsTestServerOptions { StorageDirectory = _directory });
    }

    [TearDown]
    public void Stop()
    {
        _server.Dispose();
        Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);
    }

    [Test]
    public async Task A_file_is_stored_below_its_path_and_replaces_an_older_one()
    {
        using var wire = Wire.To(_server, "/up/load/a%20b.bin");
        foreach (byte[] file in new[] { Wire.Bytes(40), _file })
        {
            string id = await wire.Open();
            await wire.Fragment(id, file, 0, 10).Text();
            await wire.Fragment(id, file, 10, file.Length).Text();
            await wire.Close(id).Text();
        }

        Assert.That(Entries(), Is.EqualTo(new[] { "up", "up/load", "up/load/a b.bin" }));
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(_directory, "up", "load", "a b.bin")), Is.EqualTo(_file));
        Assert.That(_server.GetFile("/up/load/a%20b.bin"), Is.EqualTo(_file));
    }

    [Test]
    public async Task A_cancel_leaves_nothing_behind()
    {
        using var wire = Wire.To(_server, "/up/load/a.bin");
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 10).Text();
        Assert.That(Entries(), Has.Length.EqualTo(1));
        await wire.Cancel(id).Text();

        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public async Task Disposing_leaves_nothing_unfinished_behind()
    {
        using var wire = Wire.To(_server);
        await wire.Open();
        _server.Dispose();

        Assert.That(Entries(), Is.Empty);
        Assert.That(_server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Lost));
    }

    [TestCase("/..%2fa.bin")]
    [TestCase("/up/..%5c..%5ca.bin")]
    [TestCase("/%2e%2e%2fa.bin")]
    [TestCase("/C%3a/a.bin")]
    [TestCase("/a%00.bin")]
    [TestCase("/up/")]
    [TestCase("/up//a.bin")]
    [TestCase("/.bits-partial-0")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path)
    {
        using var wire = Wire.To(_server, path);

        Assert.That(await wire.Create().Text(), Is.EqualTo("403 Ack 0x80070005/0x5"));
        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public async Task A_file_outside_is_not_found()
    {
        await File.WriteAllBytesAsync(Path.Combine(_directory, "..", "outside"), _file);

        Assert.That(_server.HasFile("/../outside"), Is.False);
    }

    [TestCase("/folder", TestName = "A folder is at the destination")]
    [TestCase("/folder/inner", TestName = "A folder is at the destination, below another")]
    [TestCase("/folder/file/a.bin", TestName = "A file is where a folder has to be")]
    [TestCase("/folder/file/b/a.bin", TestName = "A file is where a folder has to be, further up")]
    [TestCase("/folder/{long}", TestName = "The disk does not allow the name")]
    [TestCase("/new/{long}/a.bin", TestName = "The disk does not allow the name of a folder")]
    public async Task A_destination_that_cannot_be_stored_is_refused_before_any_byte(string path)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "folder", "inner"));
        await File.WriteAllBytesAsync(Path.Combine(_directory, "folder", "file"), _file);
        string[] before = Entries();
        using var wire = Wire.To(_server, path.Replace("{long}", new string('a', 300), StringComparison.Ordinal));

        Assert.That(await wire.Create().Text(), Is.EqualTo("403 Ack 0x80070005/0x5"));
        Assert.That(Entries(), Is.EqualTo(before));
        Assert.That(_server.Sessions, Is.Empty);
    }

    [TestCase("/folder/inner/a.bin")]
    [TestCase("/folder/file")]
    [TestCase("/new/file/a.bin")]
    [TestCase("/new/folder")]
    public async Task Files_and_folders_elsewhere_do_not_interfere(string path)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "folder", "inner"));
        await File.WriteAllBytesAsync(Path.Combine(_directory, "folder", "file"), [1]);
        await File.WriteAllBytesAsync(Path.Combine(_directory, "file"), [1]);
        using var wire = Wire.To(_server, path);
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 30).Text();

        Assert.That(await wire.Close(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(_server.GetFile(path), Is.EqualTo(_file));
    }

    [Test]
    public async Task A_later_failure_of_the_disk_is_an_error_ack()
    {
        using var wire = Wire.To(_server);
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 30).Text();
        Directory.CreateDirectory(Path.Combine(_directory, "upload", "a.bin"));

        Assert.That(await wire.Close(id).Text(), Does.Match("^500 Ack 0x[0-9A-F]{8}/0x5$"));
        Assert.That(await wire.Cancel(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(Entries(), Is.EqualTo(new[] { "upload", "upload/a.bin" }));
    }

    private string[] Entries() =>
        [.. Directory.EnumerateFileSystemEntries(_directory, "*", SearchOption.AllDirectories)
            .Select(entry => Path.GetRelativePath(_directory, entry).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
}
