using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A folder in which a file that is open for exclusive access can be opened again, as on some network file systems.</summary>
public sealed class UnlockableFolderTests
{
    private readonly Guid _id = Guid.NewGuid();
    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(Directory.CreateDirectory(Path.Combine(_place.Folder, "uploads")).FullName, OpenShared);
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public void It_is_refused_with_the_reasons_and_what_to_do()
    {
        string expected = $"'{PathOf("lock")}' cannot be locked, so nothing would prevent another process from running the upload at the "
            + "same time. Either file locking is turned off in .NET (System.IO.DisableFileLocking, DOTNET_SYSTEM_IO_DISABLEFILELOCKING): "
            + "turn it on. Or the file system has no locks, as some network file systems: use a folder on another one.";
        Assert.That(() => _store.LockAsync(_id).AsTask(), Throws.TypeOf<IOException>().With.Message.EqualTo(expected));
        Assert.That(() => _store.LockAsync(_id).AsTask(), Throws.TypeOf<IOException>().With.Message.EqualTo(expected), "and again");
    }

    [Test]
    public async Task Files_of_a_lock_that_somebody_may_hold_stay_in_it()
    {
        await File.WriteAllTextAsync(PathOf("lock"), "");
        await File.WriteAllTextAsync(PathOf("owner"), "process 4711 on elsewhere");
        Assert.That(await _store.ListAsync(), Is.Empty);
        Assert.That(Directory.GetFiles(_store.Folder), Is.EquivalentTo(new[] { PathOf("lock"), PathOf("owner") }));
    }

    private string PathOf(string extension) => Path.Combine(_store.Folder, $"{_id}.{extension}");

    private static FileStream OpenShared(string path, FileStreamOptions options) =>
        new(path, options.Mode, options.Access, FileShare.ReadWrite | FileShare.Delete);
}
